/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/error.h>

struct template_warm_config {
	const char *const *files; /* test binaries: the guests of their tests */
	size_t files_count;
	const char *topology; /* for every test, or of the only guest; NULL: each test's own */
	const char *kernel;   /* NULL: the default */
	unsigned accel;	      /* index into test_accel_words */
	unsigned memory_mib;  /* of the only guest; 0: the default */
};

/* Make the templates that are missing, and print a line on standard output about each. */
int template_warm(const struct template_warm_config *config,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
