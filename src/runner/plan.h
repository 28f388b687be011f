/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/topology.h>

#include "runner/binary.h"

/* What a test comes down to once every default and every flag has been applied. */
struct test_plan {
	const struct binary_test *test; /* borrowed, as are the strings below */
	const struct test_binary *binary;
	struct ktstr_topology topology; /* --topology, else test, else scheduler, else 1n1l2c1t */
	struct ktstr_check check;	/* the test's on top of the scheduler's */
	char bpf_object[PATH_MAX];	/* absolute, readable; "" for EEVDF */
	uint64_t duration_ms, timeout_ms;
	unsigned workers_per_cgroup;
	const char *work; /* kind of work for cgroups that are swappable; NULL: their own */
	bool on_host;	  /* on this machine itself, not in a VM */
};

/* What the command line overrides. */
struct plan_overrides {
	const char *topology; /* NULL: none */
	uint64_t timeout_ms;  /* 0: none */
	const char *work;     /* NULL: none */
	bool on_host;
};

#define PLAN_DURATION_MS 12000
#define PLAN_TIMEOUT_SLACK_MS 20000 /* default timeout beyond the duration */

/*
 * Plan one test; ret_plan borrows from binary. -EINVAL and -ERANGE: a topology that cannot be.
 * -ENOENT, -EACCES, ...: the .bpf.o or the program of a payload cannot be read; the text says where
 * it was looked for.
 */
int test_plan_make(const struct test_binary *binary, const struct binary_test *test,
		   const struct plan_overrides *overrides, struct test_plan *ret_plan,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* "eevdf" when the test has no scheduler of its own. */
const char *test_plan_scheduler(const struct test_plan *plan);
