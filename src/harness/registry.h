/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/test.h>

/*
 * The tests that registered themselves before main(). Constructors run in no order we control,
 * so the list is sorted by file and line, and checked, when it is asked for.
 */

/*
 * Every registered test, by file, then line; the caller frees the array. -EINVAL when a
 * declaration cannot work (name, topology, scheduler, limits) or a name is taken twice: the text
 * starts with FILE:LINE and names the test, the value and what is allowed.
 */
int registry_collect(struct ktstr_test ***ret_tests, size_t *ret_count,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* -EINVAL as above, for one declaration. */
int registry_check_test(const struct ktstr_test *test, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The test of that name; NULL: there is none. */
const struct ktstr_test *registry_find(struct ktstr_test *const *tests, size_t count,
				       const char *name);

/*
 * Keep what matches glob (NULL: all) in tests[0..*count). -ENOENT when nothing does; the text
 * names the nearest test.
 */
int registry_filter(struct ktstr_test **tests, size_t *count, const char *glob,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
