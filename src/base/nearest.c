// SPDX-License-Identifier: GPL-2.0-only
/* Which valid word is nearest to a mistyped one: restricted Damerau-Levenshtein distance. */
#include <stdint.h>
#include <string.h>

#include "base/nearest.h"

#define WORD_MAX 63 /* longer words are not suggested: three rows fit the stack */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

static unsigned distance(const char *from, const char *to)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	size_t columns = strlen(to);

	for (size_t j = 0; j <= columns; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; from[i - 1]; i++) {
		unsigned *reused = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= columns; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1,
				      above[j - 1] + (from[i - 1] != to[j - 1]));
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
			    from[i - 2] == to[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = reused;
	}
	return above[columns];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	unsigned found;

	if (strlen(nearest->word) > WORD_MAX || strlen(candidate) > WORD_MAX)
		return;
	found = distance(nearest->word, candidate);
	/* An abbreviation is nearer than its length says: "topo" means "topology". */
	if (found > 1 && strlen(nearest->word) >= 3 &&
	    strncmp(candidate, nearest->word, strlen(nearest->word)) == 0)
		found = 1;
	if (!nearest->best || found < nearest->distance) {
		nearest->best = candidate;
		nearest->distance = found;
	}
}

const char *nearest_best(const struct nearest *nearest)
{
	size_t length = strlen(nearest->word);

	/* A third of the letters may be wrong, and one of a short word. */
	if (!nearest->best || nearest->distance > (length < 6 ? 1 + (length > 3) : length / 3))
		return NULL;
	return nearest->best;
}
