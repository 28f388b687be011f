/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

/* What not_stuck demands where the test names no limit of its own. */
struct fairness_limits {
	double spread_pct;
	uint64_t gap_ms;
};

/* Of this build of ktstr: without optimisation the workers themselves are slower. */
struct fairness_limits fairness_limits(void);
