/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/topology.h>

#include "base/option.h"

/*
 * The flags that a test binary and `ktstr test` have in common. A test binary checks them before
 * it hands over to the tool, so that a typing error is reported under the name the user typed.
 */
struct test_arguments {
	bool list;
	const char *filter;   /* NULL: every test */
	const char *kernel;   /* NULL: $KTSTR_KERNEL, then the newest usable one */
	const char *topology; /* NULL: each test's own */
	unsigned accel;	      /* index into test_accel_words */
	uint64_t timeout_ns;  /* 0: each test's own */
	uint64_t jobs;	      /* VMs at once; 0: by the CPUs and the memory of the machine */
	const char *results;  /* NULL: $KTSTR_SIDECAR_DIR, then ./ktstr-results */
	bool no_template;
	bool host;	  /* on this machine itself, not in VMs */
	const char *work; /* NULL: $KTSTR_WORK_OVERRIDE, then each cgroup's own */
	bool verbose;
	bool no_progress;
};

#define TEST_JOBS_MAX 128

extern const char *const test_accel_words[]; /* "auto", "kvm", "tcg", NULL */
extern const struct option_row test_argument_rows[];

/* The kind of work that is asked for; NULL: none. */
const char *test_arguments_work(const struct test_arguments *arguments);

/*
 * Values that a row's type cannot check: the topology, a timeout of 0, options that contradict each
 * other. -EINVAL, -ERANGE.
 */
int test_arguments_check(const struct test_arguments *arguments,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;
