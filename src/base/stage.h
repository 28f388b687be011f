/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * A folder in which an entry is built before anyone can see it. It lives beside the entries, so
 * that one rename publishes it whole; a stage whose process died is removed by the next one.
 */
struct stage;

/* root: the folder of the entries, borrowed until the stage is gone. */
int stage_open(int root, struct stage **ret_stage, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The folder and its name in root, borrowed. */
int stage_fd(const struct stage *stage);
const char *stage_name(const struct stage *stage);

/*
 * Make the stage the entry called ref, in place of one that is there already. Everything in it
 * must have been written with fsync. The handle is used up in any case: *stage becomes NULL.
 */
int stage_publish(struct stage **stage, const char *ref,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Take the entry called ref out of sight, then delete it. -ENOENT when there is none. */
int stage_retire(int root, const char *ref, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Remove the folder with what is in it. NULL-safe. */
void stage_free(struct stage *stage);
static inline void stage_free_fn(struct stage **stage)
{
	stage_free(*stage);
}
#define auto_stage __attribute__((cleanup(stage_free_fn)))
