// SPDX-License-Identifier: GPL-2.0-only
/* Names of outcomes and what follows from each. */
#include <stddef.h>

#include "runner/outcome.h"

static const struct outcome_row {
	const char *name, *directive;
	int status;
} outcomes[] = {
#define X(name_, directive_, status_)                                                              \
	[OUTCOME_##name_] = { .name = #name_, .directive = (directive_), .status = (status_) },
	OUTCOMES(X)
#undef X
};

const char *outcome_str(enum outcome_kind kind)
{
	return outcomes[kind].name;
}

const char *outcome_directive(enum outcome_kind kind)
{
	return outcomes[kind].directive;
}

int outcome_status(enum outcome_kind kind)
{
	return outcomes[kind].status;
}

int outcome_worse_status(int a, int b)
{
	static const int weight[] = { [0] = 0, [1] = 2, [2] = 1 };

	return weight[a] >= weight[b] ? a : b;
}
