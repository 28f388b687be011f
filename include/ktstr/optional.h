/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_OPTIONAL_H
#define KTSTR_OPTIONAL_H

#include <stdbool.h>

/* A number where 0 is a value and leaving it out means something else. The zero value is none. */
struct ktstr_optional {
	bool given;
	long long value;
};

#define KTSTR_SOME(v) ((struct ktstr_optional){ .given = true, .value = (v) })

#endif
