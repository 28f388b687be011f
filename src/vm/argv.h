/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A growing argument vector, always ended by NULL. Starts as zeroes. */
struct argv {
	char **items; /* NULL until the first is added */
	size_t count;
	bool failed; /* memory ran out: the vector is incomplete */
};

void argv_add(struct argv *argv, const char *format, ...) __attribute__((format(printf, 2, 3)));
void argv_release(struct argv *argv);

#define auto_argv __attribute__((cleanup(argv_release)))
