/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/report.h>

/* Severity ascends: the most severe outcome in a verdict wins. */
#define VERDICT_OUTCOMES(X)                                                                        \
	X(SKIP, "skip")                                                                            \
	X(PASS, "pass")                                                                            \
	X(INCONCLUSIVE, "inconclusive")                                                            \
	X(FAIL, "fail")

enum verdict_outcome {
#define X(name, text) VERDICT_##name,
	VERDICT_OUTCOMES(X)
#undef X
};

#define DETAIL_KINDS(X)                                                                            \
	X(NO_PROGRESS, "NoProgress")                                                               \
	X(STUCK, "Stuck")                                                                          \
	X(UNFAIR, "Unfair")                                                                        \
	X(ISOLATION, "Isolation")                                                                  \
	X(BENCHMARK, "Benchmark")                                                                  \
	X(WORKER_STALLED, "WorkerStalled")                                                         \
	X(SCHEDULER_CRASHED, "SchedulerCrashed")                                                   \
	X(SCHEDULER_EXITED, "SchedulerExitedCleanly")                                              \
	X(SCHEDULER_DIED, "SchedulerDiedUnknownReason")                                            \
	X(SKIP, "Skip")                                                                            \
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

struct verdict_phase {
	char label[24]; /* "Step[0]", "BASELINE", "" outside any phase */
};

/* One recorded outcome. */
struct verdict_entry {
	enum verdict_outcome outcome;
	enum detail_kind kind;
	char *message; /* "" for an explicit pass */
	char *cgroup;  /* whose reports were judged; NULL: the outcome is not about a cgroup */
	struct verdict_phase phase;
};

/* Statistics of one cgroup's workers, rolled up from its reports. */
struct cgroup_stats {
	char *name;
	unsigned num_workers; /* sentinels included */
	cpu_set_t cpus_used;
	bool off_cpu_measured; /* some worker had wall time: the next four mean something */
	double avg_off_cpu_pct, min_off_cpu_pct, max_off_cpu_pct, spread;
	uint64_t max_gap_ms;
	int max_gap_cpu; /* where the longest gap was, of equal ones the last */
	uint64_t total_migrations, total_iterations, total_cpu_time_ns;
	bool wake_measured;
	double p99_wake_latency_us, median_wake_latency_us, wake_latency_cv;
	/* Only where they were rolled up, not in JSON: the base of wake_latency_cv. */
	size_t wake_samples;
	double mean_wake_latency_ns;
	bool run_delay_measured;
	double mean_run_delay_us, worst_run_delay_us;
};

double cgroup_stats_migration_ratio(const struct cgroup_stats *stats); /* 0 without iterations */

struct scenario_stats {
	struct cgroup_stats *cgroups; /* in the order of collection */
	size_t cgroups_count;
};

/* The whole scenario. Sums saturate. */
struct scenario_totals {
	uint64_t workers;
	uint64_t cpus; /* sum over cgroups: a CPU that two of them used counts twice */
	uint64_t migrations, iterations;
	double worst_spread; /* a cgroup without a spread counts as 0 */
	uint64_t worst_gap_ms;
	int worst_gap_cpu; /* where the worst gap was, of equal ones the first */
	double worst_migration_ratio;
};

struct scenario_totals scenario_stats_totals(const struct scenario_stats *stats);

/*
 * What was judged: an ordered list of outcomes, notes that change nothing, and statistics. Starts
 * as the identity, an empty list, which counts as pass.
 *
 * Adding never fails as far as callers can see. What cannot be kept, because memory ran out or
 * there is too much of it, is counted in one entry whose room was set aside at the start, and
 * which is as severe as the worst outcome that it stands for, at least inconclusive. Texts are cut
 * at VERDICT_TEXT_MAX, and what is not UTF-8 in them becomes '?', so that every verdict can travel.
 */
struct verdict;

#define VERDICT_ENTRIES_MAX 4096
#define VERDICT_NOTES_MAX 4096
#define VERDICT_CGROUPS_MAX 4096
#define VERDICT_TEXT_MAX 65536 /* bytes of a message, note or cgroup name, without the zero */

struct verdict *verdict_new(void);	    /* NULL: out of memory */
void verdict_free(struct verdict *verdict); /* NULL-safe */

void verdict_add(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void verdict_vadd(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		  const char *format, va_list args) __attribute__((format(printf, 4, 0)));
void verdict_note(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void verdict_vnote(struct verdict *verdict, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/*
 * Keep the record of a payload's run (payload_record.h), which is consumed; NULL: memory ran out.
 * Records change no outcome. All of them together are bounded, so that the rest of the verdict
 * still travels: beyond the first limit they lose their metrics, beyond the second they are lost
 * themselves, which is a note.
 */
#define VERDICT_PAYLOADS_BYTES (384u << 10)
#define VERDICT_PAYLOAD_METRICS_BYTES (256u << 10)
void verdict_take_payload(struct verdict *verdict, json_t *record);

/* An array of records in the order of their ends; NULL: there are none. */
const json_t *verdict_payloads(const struct verdict *verdict);

/*
 * The label stamped on entries from now on; NULL or "": none. Returns the one before, so that a
 * scope can put it back: verdict_set_phase(verdict, before.label).
 */
struct verdict_phase verdict_set_phase(struct verdict *verdict, const char *label);

/* Append what other holds (outcomes, notes, cgroups, payloads) to verdict; other is left alone. */
void verdict_merge(struct verdict *verdict, const struct verdict *other);

/* Fail if any failed, else inconclusive if any, else skip if there are only skips, else pass. */
enum verdict_outcome verdict_outcome(const struct verdict *verdict);

size_t verdict_entries(const struct verdict *verdict, const struct verdict_entry **ret_entries);
size_t verdict_notes(const struct verdict *verdict, char *const **ret_notes);
const struct scenario_stats *verdict_stats(const struct verdict *verdict);

/*
 * The entry that explains the outcome: the first failure, else the first inconclusive, else the
 * first skip where there are only skips, else NULL.
 */
const struct verdict_entry *verdict_terminal(const struct verdict *verdict);

/*
 * Roll up reports as cgroup name and judge them against check. cpuset is what the cgroup was given,
 * NULL when it has none (isolation is not judged then). Adds one failure for every limit that was
 * passed and nothing when there is none: statistics are kept in any case, also for no reports.
 */
void verdict_judge_cgroup(struct verdict *verdict, const char *name,
			  const struct ktstr_check *check, const struct ktstr_reports *reports,
			  const cpu_set_t *cpuset);

/* base with every field that over sets: the merge of two layers of checks. */
struct ktstr_check check_merge(const struct ktstr_check *base, const struct ktstr_check *over);

/* -EINVAL names a field that holds what it cannot mean, such as a negative spread. */
int check_validate(const struct ktstr_check *check, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The stats block, each line behind indent; "spread=n/a" where no worker had wall time:
 *
 *	4 workers, 4 cpus, 12 migrations, worst_spread=1.5%, worst_gap=12ms
 *	  cg0: workers=2 cpus=2 spread=1.5% gap=12ms migrations=6 iter=123
 */
void scenario_stats_print(const struct scenario_stats *stats, const char *indent, FILE *out);
