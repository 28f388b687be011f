/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/payload.h>

/*
 * What a child prints, taken from its pipes by a thread from the start on, so that however much it
 * prints never keeps it waiting. The first KTSTR_PAYLOAD_OUTPUT_MAX bytes of each stream are kept.
 */
struct drain;

/* The pipes. */
int drain_new(struct drain **ret_drain, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The child's end, above STDERR_FILENO. */
int drain_child_fd(const struct drain *drain, enum ktstr_stream stream);

/* Close our copies of the child's ends and begin to read. */
int drain_start(struct drain *drain, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Take what the pipes hold and stop. Whoever still has a child's end, for having left its process
 * group, is not waited for.
 */
void drain_stop(struct drain *drain);

/*
 * After drain_stop(): what came through, clean text with a zero behind it; the caller frees.
 * NULL: no memory.
 */
char *drain_take(struct drain *drain, enum ktstr_stream stream, size_t *ret_size);

/* Bytes beyond what is kept. */
uint64_t drain_discarded(const struct drain *drain);

/* Stops first, unless this is a process forked since, which has no such thread. NULL-safe. */
void drain_free(struct drain *drain);
