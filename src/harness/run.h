/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/cgroup.h>
#include <ktstr/machine.h>
#include <ktstr/test.h>

/* How the test process ends, seen by the host as exit_code in EXITED. */
enum run_exit {
	RUN_JUDGED = 0,	       /* the result says it all */
	RUN_COULD_NOT_RUN = 2, /* the result's first failure says why nothing was judged */
	RUN_NO_RESULT = 3,     /* not even a result could be sent; stderr says why */
};

/* Where a test runs: the machine that it sees, where its cgroups go. Zeroes: not made. */
struct test_place {
	struct ktstr_topology topology; /* that was told; zeroes: it was not */
	struct ktstr_machine *machine;
	struct ktstr_cgroups *cgroups;
};

/* The process goes into the folder of its program. NULL for both: those of a guest. */
int test_place_make(const struct ktstr_topology *topology, const char *cgroup_parent,
		    const char *walk_root, struct test_place *ret_place,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
void test_place_release(struct test_place *place);

/*
 * In the guest: run test as request, the text of the RUN message, says, and send the result through
 * channel. place, which is released, is used where it fits, or made. Returns enum run_exit.
 */
int run_in_place(const struct ktstr_test *test, const char *request, int channel,
		 struct test_place *place);

/* The same with request and channel from the environment (WIRE_RUN_ENV, WIRE_CHANNEL_FD_ENV). */
int run_in_guest(const struct ktstr_test *test);
