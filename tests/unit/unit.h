/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* What every unit test includes: cmocka with the headers it wants before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails and shows both texts when part does not stand in text. */
#define assert_contains(text, part)                                                  \
	do {                                                                         \
		const char *whole_ = (text), *part_ = (part);                        \
		if (!strstr(whole_, part_))                                          \
			fail_msg("\"%s\" does not contain \"%s\"", whole_, part_);   \
	} while (0)

/* Ends the case as skipped, with a line about what it needs and does not find here. */
#define skip_because(format, ...)                                                    \
	do {                                                                         \
		print_message("skipped: " format "\n", ##__VA_ARGS__);               \
		skip();                                                              \
	} while (0)
