/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * The word that somebody probably meant: offer every valid word, then ask for the best. Used by
 * error messages only, so it allocates nothing and never fails.
 */
struct nearest {
	const char *word; /* what was typed */
	const char *best;
	unsigned distance; /* of best: insertions, deletions, replacements, swaps of neighbours */
};

#define NEAREST(typed) ((struct nearest){ .word = (typed) })

/* candidate is borrowed until nearest_best() has been used. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* NULL when nothing offered is near enough to be worth suggesting. */
const char *nearest_best(const struct nearest *nearest);
