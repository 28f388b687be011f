/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "check/verdict.h"

/*
 * How the files of check/ put things into a verdict. The _take_ calls own the strings they are
 * given whatever the outcome, treat a NULL string that has to be there as memory that ran out (so
 * that a failed allocation need not be looked at twice), and leave the counts to their callers.
 */
int verdict_take_entry(struct verdict *verdict, struct verdict_entry *entry) KTSTR_MUST_CHECK;
int verdict_take_note(struct verdict *verdict, char *note) KTSTR_MUST_CHECK;
int verdict_take_cgroup(struct verdict *verdict, struct cgroup_stats *stats) KTSTR_MUST_CHECK;

/* As verdict_add, for an outcome about a cgroup. */
void verdict_add_to_cgroup(struct verdict *verdict, const char *cgroup,
			   enum verdict_outcome outcome, enum detail_kind kind, const char *format,
			   ...) __attribute__((format(printf, 5, 6)));

/* Add statistics, or say that they are lost. */
void verdict_keep_cgroup(struct verdict *verdict, struct cgroup_stats *stats);

/* Something that would have had this outcome could not be kept. */
void verdict_lose(struct verdict *verdict, enum verdict_outcome outcome);
