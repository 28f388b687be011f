// SPDX-License-Identifier: GPL-2.0-only
/* Layers of checks: what a field may hold, and which layer's field counts. */
#include <errno.h>
#include <math.h>

#include "check/verdict.h"

struct ktstr_check check_merge(const struct ktstr_check *base, const struct ktstr_check *over)
{
	return (struct ktstr_check){
		.not_stuck = over->not_stuck ? over->not_stuck : base->not_stuck,
		.isolation = over->isolation ? over->isolation : base->isolation,
		.max_gap_ms = over->max_gap_ms ? over->max_gap_ms : base->max_gap_ms,
#define X(field) .field = over->field != 0 ? over->field : base->field,
		KTSTR_CHECK_DOUBLES(X)
#undef X
	};
}

static int validate_tristate(const char *name, enum ktstr_tristate value, struct ktstr_error *error)
{
	switch (value) {
	case KTSTR_UNSET:
	case KTSTR_YES:
	case KTSTR_NO:
		return 0;
	}
	return ktstr_error_set(error, -EINVAL,
			       "check '%s': %d is none of KTSTR_UNSET, KTSTR_YES and KTSTR_NO",
			       name, (int)value);
}

static int validate_double(const char *name, double value, struct ktstr_error *error)
{
	if (isfinite(value) && value >= 0)
		return 0;
	return ktstr_error_set(error, -EINVAL,
			       "check '%s': %g is not a finite number of at least 0", name, value);
}

int check_validate(const struct ktstr_check *check, struct ktstr_error *error)
{
	int err = validate_tristate("not_stuck", check->not_stuck, error);

	if (!err)
		err = validate_tristate("isolation", check->isolation, error);
	if (err)
		return err;
	/* JSON's whole numbers are signed; this limit is 292 million years. */
	if (check->max_gap_ms > INT64_MAX)
		return ktstr_error_set(error, -EINVAL,
				       "check 'max_gap_ms': %llu ms out of range 0..=%lld",
				       (unsigned long long)check->max_gap_ms, (long long)INT64_MAX);
#define X(field)                                                                                   \
	if (!err)                                                                                  \
		err = validate_double(#field, check->field, error);
	KTSTR_CHECK_DOUBLES(X)
#undef X
	return err;
}
