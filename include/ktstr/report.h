/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_REPORT_H
#define KTSTR_REPORT_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/export.h>
#include <ktstr/schbench.h>
#include <ktstr/taobench.h>

/* How a worker that gave no report ended. */
enum ktstr_exit_kind {
	KTSTR_EXIT_NONE,	/* it reported: nothing to say */
	KTSTR_EXIT_EXITED,	/* code is the exit status */
	KTSTR_EXIT_SIGNALED,	/* code is the signal */
	KTSTR_EXIT_TIMED_OUT,	/* still there when the deadline passed */
	KTSTR_EXIT_WAIT_FAILED, /* code is the errno of waitpid(2) */
	KTSTR_EXIT_PANICKED,	/* its thread ended without a report, as by pthread_exit(3) */
};

struct ktstr_exit_info {
	enum ktstr_exit_kind kind;
	int code;
};

/* "killed by signal 9 (SIGKILL)" and the like: static text or buffer. */
#define KTSTR_EXIT_TEXT_MAX 64
KTSTR_API const char *ktstr_exit_info_format(const struct ktstr_exit_info *exit_info,
					     char buffer[KTSTR_EXIT_TEXT_MAX]);

/* One CPU change that the worker noticed at a checkpoint. */
struct ktstr_migration {
	uint64_t at_ns;	      /* since the start of the work loop */
	int from_cpu, to_cpu; /* never the same */
};
/* The first so many are kept one by one; beyond that they are counted only. */
#define KTSTR_MIGRATIONS_MAX (1 << 17)

/* A uniform sample of at most KTSTR_SAMPLES_MAX observations (Vitter's algorithm R). */
struct ktstr_samples {
	uint64_t *values; /* ns */
	size_t count;
	uint64_t total; /* observations, those not kept included */
};
#define KTSTR_SAMPLES_MAX 100000

/* Pages of the worker's address space on one NUMA node (numa_maps). */
struct ktstr_numa_pages {
	unsigned node;
	uint64_t pages;
};

/*
 * What a worker measured in one phase: ktstr_workload_set_phase() cuts its life into phases. All
 * but epoch and cpus_used are of this phase alone.
 */
struct ktstr_phase_slice {
	uint32_t epoch;	     /* of the phase; not to be judged: the two KTSTR_PHASE_... */
	cpu_set_t cpus_used; /* the CPU at its start and those seen at checkpoints */
	struct ktstr_samples wake_latencies, timer_latencies; /* at most KTSTR_PHASE_SAMPLES_MAX */
	uint64_t iterations;
	uint64_t wall_time_ns;
	uint64_t off_cpu_ns;
	uint64_t migration_count;
	uint64_t max_gap_ms;
	int max_gap_cpu;
	uint64_t schedstat_run_delay_ns;
	uint64_t schedstat_cpu_time_ns;
	uint64_t vmstat_numa_pages_migrated; /* system-wide: combine by maximum */
	struct ktstr_numa_pages *numa_pages; /* at its end */
	size_t numa_pages_count;
};
#define KTSTR_PHASE_SAMPLES_MAX 8192
#define KTSTR_PHASES_MAX 1024

/* Epochs that are no step: before the first one, and between two (or when slices ran out). */
#define KTSTR_PHASE_BASELINE 0u
#define KTSTR_PHASE_BETWEEN UINT32_MAX

#define KTSTR_REPORT_TEXT_MAX 160

/*
 * What one worker measured. All times come from CLOCK_MONOTONIC but cpu_time_ns
 * (CLOCK_THREAD_CPUTIME_ID). work_units and iterations are different things: units are the work
 * done (starvation is judged by them), iterations the passes of the outer loop (throughput).
 */
struct ktstr_worker_report {
	pid_t tid;
	unsigned group_index;
	bool completed;			  /* false: a sentinel, all below is zero but exit_info */
	bool is_messenger;		  /* the waker of a FutexFanOut or FanOutCompute cohort */
	struct ktstr_exit_info exit_info; /* sentinels only */

	uint64_t work_units;
	uint64_t iterations;
	uint64_t wall_time_ns; /* of the work loop */
	uint64_t cpu_time_ns;  /* of the worker's whole life, a little more than the loop */
	uint64_t off_cpu_ns;   /* wall_time_ns - cpu_time_ns, at least 0 */

	cpu_set_t cpus_used; /* CPU at the start and those seen at checkpoints */
	uint64_t migration_count;
	struct ktstr_migration *migrations; /* in the order of time */
	size_t migrations_kept;		    /* migration_count, at most KTSTR_MIGRATIONS_MAX */

	/*
	 * The longest time between two checkpoints. They come with every 1024 units of work and at
	 * the end of the loop. A sleep that belongs to the work (Bursty) counts.
	 */
	uint64_t max_gap_ms;
	int max_gap_cpu;	/* CPU before the gap */
	uint64_t max_gap_at_ms; /* when it ended, since the start of the loop */

	/* Which of these a kind of work fills is in <ktstr/work/...>. */
	struct ktstr_samples wake_latencies;
	struct ktstr_samples iteration_costs; /* CPU-bound passes, from start to end */
	struct ktstr_samples timer_latencies; /* from the deadline of a timer to running again */

	/* Differences of /proc/self/task/TID/schedstat; 0 where the kernel has none. */
	uint64_t schedstat_run_delay_ns; /* runnable, waiting for a CPU */
	uint64_t schedstat_run_count;	 /* times picked */
	uint64_t schedstat_cpu_time_ns;

	struct ktstr_numa_pages *numa_pages; /* at the end of the loop */
	size_t numa_pages_count;
	uint64_t vmstat_numa_pages_migrated; /* system-wide difference: combine by maximum */

	/* In the order of time; none unless the workload has max_phases and was told of one. */
	struct ktstr_phase_slice *phase_slices;
	size_t phase_slices_count;

	/* What benchmarks measured themselves; NULL but for Schbench and Taobench. */
	struct ktstr_schbench_report *schbench;
	struct ktstr_taobench_report *taobench;

	/* What the worker was to be and is not; "" when all was applied. It works all the same. */
	char affinity_error[KTSTR_REPORT_TEXT_MAX];
	char sched_policy_error[KTSTR_REPORT_TEXT_MAX];
	/* The first of memory policy, nice, comm, ids, node. */
	char setup_error[KTSTR_REPORT_TEXT_MAX];
	/*
	 * The first thing that the kind of work could not do as asked (a privilege, a file, a
	 * machine that lacks something); "" when there was none. <ktstr/work/...> says what the
	 * work does instead.
	 */
	char work_error[KTSTR_REPORT_TEXT_MAX];
};

/* The reports of one workload; the arrays inside the reports belong to it too. */
struct ktstr_reports {
	size_t count;
	struct ktstr_worker_report *reports;
};

/* NULL-safe. */
KTSTR_API void ktstr_reports_free(struct ktstr_reports *reports);

static inline void ktstr_reports_auto_free(struct ktstr_reports **reports)
{
	ktstr_reports_free(*reports);
}
#define KTSTR_AUTO_REPORTS __attribute__((cleanup(ktstr_reports_auto_free)))

#endif
