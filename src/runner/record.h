/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>
#include <time.h>

#include "runner/facts.h"
#include "runner/outcome.h"
#include "runner/plan.h"

/* A finished test with all that its report and its result file say. Borrows everything. */
struct test_record {
	const struct test_plan *plan;
	const struct run_facts *facts;
	struct outcome outcome;
	const char *accel;    /* "kvm" or "tcg" */
	const char *rerun;    /* shell command that runs this test alone, under the same flags */
	const char *repeated; /* why this is the second run, see repeat.h; NULL: it is the first */
	const char *run_id;   /* the same for all tests of a run */
	time_t started_at;
};
