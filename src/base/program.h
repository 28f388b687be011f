/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Running another program to its end, with a deadline. It gets our environment with C as locale,
 * no input, default signals, and no descriptor of ours. It dies with us, and whatever it leaves
 * running in its session dies with it; what leaves the session is not waited for.
 */
#define PROGRAM_STATUS_FD 3 /* what it writes there is handed on line by line */
#define PROGRAM_OUT_DEFAULT_BYTES (4u << 20)
#define PROGRAM_ERR_BYTES (64u << 10)

struct program {
	const char *const *argv;		     /* NULL-ended; argv[0] is looked for in PATH */
	int dir;				     /* to run in; AT_FDCWD: here */
	uint64_t deadline_ns;			     /* CLOCK_MONOTONIC */
	int stop_fd;				     /* readable: give up; -1: none */
	size_t out_limit_bytes;			     /* 0: PROGRAM_OUT_DEFAULT_BYTES */
	void (*status)(void *arg, const char *line); /* NULL: not wanted */
	void *arg;
};

struct program_result {
	int exit_code; /* -1 when a signal ended it */
	int signal;    /* 0: none did */
	char *out;     /* standard output */
	char *err;     /* standard error, the last PROGRAM_ERR_BYTES at most */
};

void program_result_release(struct program_result *result);
#define auto_program_result __attribute__((cleanup(program_result_release)))

/*
 * 0 when it ran and ended by itself, however. Else it was killed: -ETIMEDOUT, -EINTR (stop_fd),
 * -EFBIG (it printed more than out_limit_bytes); or it never was: the errno of execve(2), fork(2)
 * and so on. Texts do not name the program, which is for the caller to put in front.
 */
int program_run(const struct program *program, struct program_result *ret_result,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * What it prints to standard output, when it exits with status 0. -EPROTO otherwise, with the last
 * line of its standard error in the text.
 */
int program_output(const struct program *program, char **ret_output,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
