/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Running another program to its end, with a deadline. It gets no input, C as its locale, and
 * dies with us; whatever it leaves running in its process group dies with it.
 */
#define PROGRAM_STATUS_FD 3 /* what it writes there is handed on line by line */

struct program {
	const char *const *argv;		     /* NULL-ended; argv[0] is looked for in PATH */
	int dir;				     /* to run in; AT_FDCWD: here */
	uint64_t deadline_ns;			     /* CLOCK_MONOTONIC */
	void (*status)(void *arg, const char *line); /* NULL: not wanted */
	void *arg;
};

struct program_result {
	int exit_code; /* 128 + signal when one ended it, as shells have it; 127: not found */
	char *out;     /* standard output, the first 4 MiB */
	char *err;     /* standard error, likewise */
};

void program_result_release(struct program_result *result);
#define auto_program_result __attribute__((cleanup(program_result_release)))

/* 0 when it ran, however it ended. -ETIMEDOUT: it was killed, the text says how long it had. */
int program_run(const struct program *program, struct program_result *ret_result,
		struct ktstr_error *error) KTSTR_MUST_CHECK;
