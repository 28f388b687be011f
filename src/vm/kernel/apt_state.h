/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/error.h>

/*
 * The folder that apt works in for one suite: lists, caches, a source file derived from the
 * system's own, and the settings that keep apt from touching anything else.
 */
struct apt_state;

/* Takes the lock of all such folders, waiting until deadline_ns, and writes what apt reads. */
int apt_state_open(const char *suite, uint64_t deadline_ns, struct apt_state **ret_state,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* NULL-safe. The lists stay for the next time, what is made from them does not. */
void apt_state_free(struct apt_state *state);

/* Nothing of this folder is worth keeping: apt_state_free() is to remove it. */
void apt_state_discard(struct apt_state *state);

/* Say why a program of apt's could not be run; what program_run() said is in error. */
int apt_not_run(const char *name, int err, struct ktstr_error *error);

/* What every call of apt-get and apt-cache needs to stay in the folder; NULL-ended, borrowed. */
const char *const *apt_state_options(const struct apt_state *state);
