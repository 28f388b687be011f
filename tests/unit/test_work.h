/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * What the tests of the kinds of work share: run one on real workers, and go through its passes
 * one by one in the process of the test.
 */
#include <sys/mman.h>

#include <ktstr/work.h>

#include "workload/telemetry.h"

#include "test_workload.h"

/* The vectors of a report, or'ed together. */
enum vectors {
	NO_SAMPLES = 0,
	WAKE = 1 << 0,
	COST = 1 << 1,
	TIMER = 1 << 2,
};

static inline enum vectors filled_vectors(const struct ktstr_worker_report *report)
{
	return (enum vectors)((report->wake_latencies.total ? WAKE : 0) |
			      (report->iteration_costs.total ? COST : 0) |
			      (report->timer_latencies.total ? TIMER : 0));
}

/* The reports of workers that each did so many iterations. */
static inline struct ktstr_reports *run_work(struct ktstr_work work, unsigned workers,
					     uint64_t iterations)
{
	return run(&(struct ktstr_workload_config){ .num_workers = workers, .work = work },
		   iterations);
}

/* A row of the table of claims: what every iteration adds, and what is measured. */
struct work_claim {
	struct ktstr_work work;
	unsigned workers;
	uint64_t units; /* per iteration; 0: another test says */
	enum vectors vectors;
};

static inline void assert_work_claim(const struct work_claim *claim, uint64_t iterations)
{
	struct ktstr_reports *reports = run_work(claim->work, claim->workers, iterations);

	print_message("row: %s\n", ktstr_work_name(&claim->work));
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_true(report->completed);
		assert_string_equal(report->work_error, "");
		assert_true(report->iterations >= iterations);
		if (claim->units)
			assert_int_equal(report->work_units, claim->units * report->iterations);
		assert_int_equal(filled_vectors(report), claim->vectors);
	}
	ktstr_reports_free(reports);
}

static inline void assert_work_refused(struct ktstr_work work, const char *text)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	assert_int_equal(ktstr_workload_spawn(&(struct ktstr_workload_config){ .work = work },
					      &workload, &error),
			 -EINVAL);
	assert_null(workload);
	assert_contains(error.text, text);
}

/* A worker without a process of its own: it does a pass when the test says so. */
struct solo {
	struct work_group group;
	struct worker_slot slot;
	_Atomic int signalled;
	struct worker_plan plan;
	struct ktstr_worker worker;
};

/* The first of so many workers. */
static inline struct solo *solo_new_of(struct ktstr_work work, unsigned workers)
{
	void *memory = mmap(NULL, sizeof(struct solo), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct solo *solo = memory;
	struct ktstr_error error = { 0 };

	assert_true(memory != MAP_FAILED);
	if (work_group_init(&solo->group, 0, &work, workers, &error))
		fail_msg("%s", error.text);
	solo->plan = (struct worker_plan){
		.group = &solo->group, .read_fd = -1, .write_fd = -1, .slot = &solo->slot
	};
	if (telemetry_map(0, &solo->plan.telemetry, &error))
		fail_msg("%s", error.text);
	worker_prepare(&solo->worker, &solo->plan, &solo->signalled);
	if (solo->group.ops->begin)
		solo->group.ops->begin(&solo->worker);
	return solo;
}

static inline struct solo *solo_new(struct ktstr_work work)
{
	return solo_new_of(work, 1);
}

static inline enum work_next solo_pass(struct solo *solo)
{
	enum work_next next = solo->group.ops->iterate(&solo->worker);

	solo->worker.iterations += next != WORK_END;
	return next;
}

static inline void solo_stop(struct solo *solo)
{
	atomic_store(&solo->slot.stop, 1);
}

static inline void solo_free(struct solo *solo)
{
	if (solo->group.ops->end)
		solo->group.ops->end(&solo->worker);
	telemetry_unmap(solo->plan.telemetry);
	work_group_release(&solo->group);
	munmap(solo, sizeof(*solo));
}
