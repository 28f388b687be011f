/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "runner/env.h"

/* The ways to boot that are compared, each on the same kernel, CPUs and memory. */
struct bench {
	struct vm_env env; /* its initramfs holds ktstr-guest */
	struct initramfs *trivial; /* the same with init.c in its place */
	struct ktstr_topology topology;
	unsigned memory_mib;
	const char *kernel;    /* reference as the user gave it; NULL: the store's default */
	const char *test;      /* test binary */
	const char *filter;    /* of its one test; NULL: it has no other */
	bool cold;             /* without a template */
	const char *results;   /* folder for its result file */
};

/* From the start of QEMU, in ms. */
struct boot_times {
	double up_ms;  /* to the first sign of life from user space */
	double end_ms; /* to the end of QEMU, which the guest asked for by powering off */
};

/* A limit for each single boot: a hundred times what it takes under KVM, ten times under TCG. */
#define BENCH_LIMIT_MS 60000

/* What somebody types who wants to boot a kernel: no machine options but CPUs and memory. */
int boot_plain(const struct bench *bench, struct boot_times *ret_times,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* ktstr's machine and kernel parameters, with the trivial init. */
int boot_own_trivial(const struct bench *bench, struct boot_times *ret_times,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The same with ktstr-guest: life is its HELLO, then it is asked to power off. */
int boot_own_agent(const struct bench *bench, struct boot_times *ret_times,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* A whole run of the test binary. */
struct whole_phase {
	char name[32];
	double ms;
};
#define WHOLE_PHASES_MAX 24
struct whole_times {
	double total_ms; /* from exec of the test binary to its exit */
	struct whole_phase phases[WHOLE_PHASES_MAX];
	size_t phases_count;
};

/* -EPROTO with what it printed when the test did not pass. */
int run_whole(const struct bench *bench, struct whole_times *ret_times,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
