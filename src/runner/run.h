/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

#include <ktstr/error.h>

#include "harness/arguments.h"
#include "runner/progress.h"

/* A whole run: test binaries in, results out. */
struct run_config {
	const char *const *files; /* test binaries */
	size_t files_count;
	struct test_arguments arguments;
	int stop_fd;		  /* readable when the user wants to stop; -1: never */
	FILE *out;		  /* results; nothing else is printed there */
	FILE *notices;		  /* what went wrong and did not matter; NULL: not wanted */
	struct progress progress; /* a terminal's line about the run; zeroed: none */
};

#define RUN_RESULTS_DIR "ktstr-results"

/*
 * Run the chosen tests, each in a VM of its own and as many at once as the machine carries
 * (admission.h), and print results in the order of declaration as they come. *ret_status is the
 * exit status: 0 all passed or were skipped, 1 something failed, 2 a test could not be run or the
 * run was stopped.
 *
 * A negative errno when the run as a whole cannot be: a file that is no test binary, an impossible
 * topology, no kernel, no QEMU, a filter that matches nothing. Then nothing was started.
 */
int run_tests(const struct run_config *config, int *ret_status,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
