/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/test.h>

/* How the test process ends, seen by the host as exit_code in EXITED. */
enum run_exit {
	RUN_JUDGED = 0,	       /* the result says it all */
	RUN_COULD_NOT_RUN = 2, /* the result's first failure says why nothing was judged */
	RUN_NO_RESULT = 3,     /* not even a result could be sent; stderr says why */
};

/*
 * In the guest: run test as the environment says (WIRE_RUN_ENV, WIRE_CHANNEL_FD_ENV) and send the
 * result to the agent. Returns enum run_exit.
 */
int run_in_guest(const struct ktstr_test *test);
