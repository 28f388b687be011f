// SPDX-License-Identifier: GPL-2.0-only
/* Outcomes and kinds of details, and their names on the wire and in output. */
#include <string.h>

#include "check/verdict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const outcome_names[] = {
#define X(name, text) [VERDICT_##name] = text,
	VERDICT_OUTCOMES(X)
#undef X
};

static const char *const kind_names[] = {
#define X(name, text) [DETAIL_##name] = text,
	DETAIL_KINDS(X)
#undef X
};

static bool find(const char *const *names, size_t count, const char *text, size_t *ret_index)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], text) == 0) {
			*ret_index = i;
			return true;
		}
	return false;
}

const char *verdict_outcome_str(enum verdict_outcome outcome)
{
	return (size_t)outcome < COUNT(outcome_names) ? outcome_names[outcome] : "unknown";
}

bool verdict_outcome_parse(const char *text, enum verdict_outcome *ret_outcome)
{
	size_t index;

	if (!find(outcome_names, COUNT(outcome_names), text, &index))
		return false;
	*ret_outcome = (enum verdict_outcome)index;
	return true;
}

const char *detail_kind_str(enum detail_kind kind)
{
	return (size_t)kind < COUNT(kind_names) ? kind_names[kind] : "unknown";
}

bool detail_kind_parse(const char *text, enum detail_kind *ret_kind)
{
	size_t index;

	if (!find(kind_names, COUNT(kind_names), text, &index))
		return false;
	*ret_kind = (enum detail_kind)index;
	return true;
}
