/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/report.h>

/* Severity ascends: the most severe outcome in a verdict wins. */
#define VERDICT_OUTCOMES(X)              \
	X(SKIP, "skip")                  \
	X(PASS, "pass")                  \
	X(INCONCLUSIVE, "inconclusive")  \
	X(FAIL, "fail")

enum verdict_outcome {
#define X(name, text) VERDICT_##name,
	VERDICT_OUTCOMES(X)
#undef X
};

#define DETAIL_KINDS(X)                                        \
	X(NO_PROGRESS, "NoProgress")                           \
	X(STUCK, "Stuck")                                      \
	X(UNFAIR, "Unfair")                                    \
	X(ISOLATION, "Isolation")                              \
	X(SCHEDULER_CRASHED, "SchedulerCrashed")               \
	X(SCHEDULER_EXITED, "SchedulerExitedCleanly")          \
	X(SCHEDULER_DIED, "SchedulerDiedUnknownReason")        \
	X(SKIP, "Skip")                                        \
	X(OTHER, "Other")

enum detail_kind {
#define X(name, text) DETAIL_##name,
	DETAIL_KINDS(X)
#undef X
};

const char *verdict_outcome_str(enum verdict_outcome outcome);
bool verdict_outcome_parse(const char *text, enum verdict_outcome *ret_outcome);
const char *detail_kind_str(enum detail_kind kind);
bool detail_kind_parse(const char *text, enum detail_kind *ret_kind);

/* One recorded outcome. */
struct verdict_entry {
	enum verdict_outcome outcome;
	enum detail_kind kind;
	char *message;    /* "" for an explicit pass */
	char phase[24];   /* "Step[0]", "BASELINE", "" outside any phase */
};

/* Statistics of one cgroup's workers, rolled up from its reports. */
struct cgroup_stats {
	char *name;
	unsigned num_workers; /* sentinels included */
	cpu_set_t cpus_used;
	bool off_cpu_measured; /* some worker had wall time: the next four mean something */
	double avg_off_cpu_pct, min_off_cpu_pct, max_off_cpu_pct, spread;
	uint64_t max_gap_ms;
	int max_gap_cpu;
	uint64_t total_migrations, total_iterations, total_cpu_time_ns;
	bool wake_measured;
	double p99_wake_latency_us, median_wake_latency_us, wake_latency_cv;
	bool run_delay_measured;
	double mean_run_delay_us, worst_run_delay_us;
};

struct scenario_stats {
	struct cgroup_stats *cgroups; /* in the order of collection */
	size_t cgroups_count;
};

/*
 * What was judged: an ordered list of outcomes, notes that change nothing, and statistics. Starts
 * as the identity, an empty list, which counts as pass.
 *
 * Adding never fails as far as callers can see: when memory runs out the entry is lost and the
 * verdict becomes at least inconclusive and says so.
 */
struct verdict;

struct verdict *verdict_new(void); /* NULL: out of memory */
void verdict_free(struct verdict *verdict); /* NULL-safe */

void verdict_add(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void verdict_vadd(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		  const char *format, va_list args) __attribute__((format(printf, 4, 0)));
void verdict_note(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void verdict_vnote(struct verdict *verdict, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* The label stamped on entries from now on; NULL or "": none. */
void verdict_set_phase(struct verdict *verdict, const char *phase);

/* Append what other holds (outcomes, notes, cgroups) to verdict; other is left alone. */
void verdict_merge(struct verdict *verdict, const struct verdict *other);

/* Fail if any failed, else inconclusive if any, else skip if there are only skips, else pass. */
enum verdict_outcome verdict_outcome(const struct verdict *verdict);

size_t verdict_entries(const struct verdict *verdict, const struct verdict_entry **ret_entries);
size_t verdict_notes(const struct verdict *verdict, char *const **ret_notes);
const struct scenario_stats *verdict_stats(const struct verdict *verdict);

/* The first failure, else the first inconclusive, else the first skip, else NULL. */
const struct verdict_entry *verdict_terminal(const struct verdict *verdict);

/*
 * Roll up reports as cgroup name and judge them against check. cpuset is what the cgroup was given,
 * NULL when it has none (isolation is not judged then).
 */
void verdict_judge_cgroup(struct verdict *verdict, const char *name,
			  const struct ktstr_check *check, const struct ktstr_reports *reports,
			  const cpu_set_t *cpuset);

/* base with every field that over sets: the merge of two layers of checks. */
struct ktstr_check check_merge(const struct ktstr_check *base, const struct ktstr_check *over);

/*
 * The stats block, each line behind indent:
 *   4 workers, 4 cpus, 12 migrations, worst_spread=1.5%, worst_gap=12ms
 *     cg0: workers=2 cpus=2 spread=1.5% gap=12ms migrations=6 iter=123
 */
void scenario_stats_print(const struct scenario_stats *stats, const char *indent, FILE *out);
