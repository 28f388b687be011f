/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>

#include "base/nearest.h"

/* Choosing things by a glob over their names, and what to say when nothing was chosen. */
struct name_filter {
	const char *glob; /* NULL: everything */
	size_t seen, matched;
	struct nearest nearest; /* internal */
};

#define NAME_FILTER(glob_) ((struct name_filter){ .glob = (glob_), .nearest = { .word = (glob_) } })

/* Whether name is chosen. name is borrowed until name_filter_check(). */
bool name_filter_matches(struct name_filter *filter, const char *name);

/* -ENOENT when no name matched: the text gives the glob, the number of names and the nearest. */
int name_filter_check(const struct name_filter *filter, struct ktstr_error *error) KTSTR_MUST_CHECK;
