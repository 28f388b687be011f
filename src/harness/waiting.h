/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/test.h>

/*
 * In the guest: do what every test of this binary needs, say READY, wait for RUN, however long, and
 * run that test. Returns enum run_exit.
 */
int wait_and_run(struct ktstr_test *const *tests, size_t count);
