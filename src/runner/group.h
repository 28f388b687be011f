/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "runner/plan.h"
#include "vm/bundle.h"

/*
 * Tests of a run whose guests are alike and get the same files: they share the bundle, and the
 * template in which their binary waits. From any thread, once the groups are made.
 */
struct test_group {
	const struct test_plan *plan; /* of one of them */
	size_t count;		      /* tests of it in this run */
	atomic_bool hot_given_up;     /* it has no such template, and is not to try again */

	/* test_group_bundle()'s */
	pthread_mutex_t lock;
	size_t left; /* tests that have not ended */
	struct bundle *bundle;
	struct ktstr_error bundle_error; /* why there is none; code 0: not tried yet */
};

/* A group of one. plan is borrowed. */
void test_group_init(struct test_group *group, const struct test_plan *plan);
void test_group_release(struct test_group *group);

struct test_groups {
	struct test_group *items;
	size_t count;
	struct test_group **of; /* each plan's */
};

int test_groups_make(const struct test_plan *plans, size_t count, struct test_groups *ret_groups,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;
void test_groups_release(struct test_groups *groups); /* safe on a zeroed one */

/*
 * The files of the tests, made by the first who asks and borrowed until its last test has ended.
 * NULL: they cannot be read, *ret_error says why.
 */
const struct bundle *test_group_bundle(struct test_group *group, const struct initramfs *initramfs,
				       struct ktstr_error *ret_error);

/* A test of it has ended. */
void test_group_leave(struct test_group *group);
