/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include <ktstr/error.h>

/* The user's terminal while its keys go to a guest. */
struct terminal {
	int fd; /* -1: not raw, nothing to restore */
	struct termios before;
	bool escaped; /* the last key was the escape */
};

#define TERMINAL_NONE ((struct terminal){ .fd = -1 })

/* Keys arrive one by one, unechoed, and raise no signals, until terminal_restore(). */
int terminal_make_raw(struct terminal *terminal, int fd,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
void terminal_restore(struct terminal *terminal);
#define auto_terminal __attribute__((cleanup(terminal_restore)))

/* Rows and columns; 24 and 80 when fd does not know. */
void terminal_size(int fd, int *ret_rows, int *ret_columns);

/*
 * Take typed bytes: what is left in keys, *size of them, is for the guest. Ctrl-A X (or x) returns
 * true: the user wants to leave. Ctrl-A Ctrl-A is one Ctrl-A, Ctrl-A before anything else is kept.
 */
bool terminal_filter_keys(struct terminal *terminal, char *keys, size_t capacity, size_t *size);
