/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

/* How the run of a test ended: name, KTAP directive on its line (NULL: none), exit status. */
#define OUTCOMES(X)                                                                                \
	X(NO_RESULT, "ERROR", 1)                                                                   \
	X(PASS, NULL, 0)                                                                           \
	X(FAIL, NULL, 1)                                                                           \
	X(INCONCLUSIVE, "ERROR", 2)                                                                \
	X(SKIP, "SKIP", 0)                                                                         \
	X(GUEST_PANIC, NULL, 1)                                                                    \
	X(GUEST_OOPS, NULL, 1)                                                                     \
	X(SCHED_EXIT, NULL, 1)                                                                     \
	X(HANG, "TIMEOUT", 1)                                                                      \
	X(TIMEOUT, "TIMEOUT", 1)                                                                   \
	X(BOOT_FAIL, "ERROR", 1)                                                                   \
	X(INFRA, "ERROR", 2)

/* Zero is NO_RESULT: what nobody has judged is never a pass. */
enum outcome_kind {
#define X(name, directive, status) OUTCOME_##name,
	OUTCOMES(X)
#undef X
};

#define OUTCOME_TEXT_MAX 512

struct outcome {
	enum outcome_kind kind;
	bool expected_failure;	     /* it failed as the test said it would: kind is PASS */
	char text[OUTCOME_TEXT_MAX]; /* why, in one line; "" for a plain pass */
};

const char *outcome_str(enum outcome_kind kind);
const char *outcome_directive(enum outcome_kind kind); /* NULL: none */

/* 0 passed or skipped, 1 failed, 2 could not run or measured nothing. */
int outcome_status(enum outcome_kind kind);

/* The exit status of a run from those of its tests: a failure outweighs what could not run. */
int outcome_worse_status(int a, int b);
