/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>

#include "runner/plan.h"
#include "vm/bundle.h"

/* Where the files of a test are in its guest. */
#define TEST_PATH_MAX (NAME_MAX + 32)

struct test_paths {
	char binary[TEST_PATH_MAX], object[TEST_PATH_MAX]; /* object "": no scheduler */
};

void test_paths_make(const struct test_plan *plan, struct test_paths *ret_paths);

/* All that the test needs in its guest, the binary first. The caller frees. */
int test_bundle_make(const struct test_plan *plan, const struct initramfs *initramfs,
		     struct bundle **ret_bundle, struct ktstr_error *error) KTSTR_MUST_CHECK;
