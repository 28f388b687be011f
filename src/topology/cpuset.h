/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/cpuset.h>

#define CPUSET_TEXT_MAX 128

/* The cpuset as its author wrote it, "KTSTR_CPUS_RANGE(0, 0.1)", into buffer, which is returned. */
const char *cpuset_format(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX]);
