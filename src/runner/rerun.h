/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "harness/arguments.h"
#include "runner/plan.h"

/*
 * The shell command that runs one test alone, under the flags that made a difference; the caller
 * frees. NULL when memory runs out.
 */
char *rerun_command(const struct test_plan *plan, const struct test_arguments *arguments);
