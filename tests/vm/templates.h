/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "command.h"

/* What the tests of templates share: a folder of templates of their own, and runs of the tool on it. */

extern const char *tool, *cases;     /* the programs: ktstr, and the tests that it is to run */
extern char folder[64], results[64]; /* KTSTR_TEMPLATE_DIR, kept from test to test, and --results */
extern struct command_result result; /* of the last run */

#define ONE_TEST "copy_tells_of_itself"
#define RUN_LIMIT_S 120
#define STRIKE_LIMIT_MS 60000 /* a cold boot on a busy machine */

/* Both folders, called after name; hot_tests: KTSTR_HOT_TESTS. False: they cannot be had. */
bool folders_make(const char *name, const char *hot_tests);
int folders_remove(void **state); /* a teardown of cmocka's */

/* How often part stands in the output of the last run. */
unsigned count(const char *part);

/* Fails when the last run has left a process or a file. */
void expect_nothing_left(void);

/* The value of a note of the last run; eight of them last. */
const char *note(const char *name);

/* Zeroes from 20000 on, and a hash that agrees: what no check of ours can find. */
void spoil_state(const char *state_path, const char *meta_path);
