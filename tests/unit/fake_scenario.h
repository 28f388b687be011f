/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <ktstr/workload.h>

#include "base/cpulist.h"
#include "cgroup/cgroup_ops.h"
#include "scenario/ctx.h"
#include "unit.h"

/* For steps that only set up and tear down. */
#define NO_HOLD .hold = KTSTR_HOLD_MS(0)

/*
 * Everything around the scenario engine as recorders: cgroups, workers, verdict and bridge. All
 * write what they are asked into one log, so that the order shows; each call that can fail counts,
 * and the one numbered fail_at fails.
 */
static struct {
	char log[8192];
	unsigned calls, fail_at;
	char names[96][64];				/* of the cgroups */
	unsigned phases;				/* set so many times */
	unsigned cgroups, workloads, reports, payloads; /* that exist */
	char failures[8192]; /* verdict entries, "phase|outcome kind|message" and a line break */
	char notes[512];
	char phase[24];
	unsigned down_asked, down_from; /* the scheduler is gone from this question on; 0: never */
	struct ktstr_workload_config config; /* of the workers spawned last */
	uint64_t gap_ms;		     /* that every worker reports */
	int move_error, remove_error;	     /* instead of success; 0: none */
	struct {
		char name[64], text[256];
		enum cgroup_knob knob;
	} knobs[128]; /* written, in this order */
	size_t knobs_count;
	pid_t procs[16];
	size_t procs_count;
} fake;

static inline void fake_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void fake_log(const char *format, ...)
{
	size_t used = strlen(fake.log);
	va_list args;

	va_start(args, format);
	vsnprintf(fake.log + used, sizeof(fake.log) - used, format, args);
	va_end(args);
	assert_true(strlen(fake.log) + 1 < sizeof(fake.log));
}

static inline int fake_call(struct ktstr_error *error, const char *what, const char *name)
{
	if (++fake.calls == fake.fail_at)
		return ktstr_error_set(error, -EIO, "fake %s of '%s' fails", what, name);
	return 0;
}

/* Cgroups */

static int fake_setup(struct ktstr_cgroups *cgroups, unsigned controllers,
		      struct ktstr_error *error)
{
	(void)cgroups;
	fake_log("setup(%u) ", controllers);
	return fake_call(error, "setup", "controllers");
}

/* Where its name is kept; NULL: there is no such cgroup. */
static inline char *fake_exists(const char *name)
{
	for (unsigned i = 0; i < fake.cgroups; i++)
		if (!strcmp(fake.names[i], name))
			return fake.names[i];
	return NULL;
}

static int fake_create(struct ktstr_cgroups *cgroups, const char *name, bool *ret_created,
		       struct ktstr_error *error)
{
	int err = fake_call(error, "create", name);

	(void)cgroups;
	fake_log("create(%s) ", name);
	if (err)
		return err;
	*ret_created = !fake_exists(name);
	if (*ret_created) {
		assert_true(fake.cgroups < COUNT(fake.names));
		snprintf(fake.names[fake.cgroups++], sizeof(fake.names[0]), "%s", name);
	}
	return 0;
}

/* "[cg_0 cpu.max 150000 100000] " */
static int fake_write_knob(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			   const char *text, struct ktstr_error *error)
{
	const char *file = cgroup_knob_info(knob)->file;
	int err = fake_call(error, file, name);

	(void)cgroups;
	fake_log("[%s %s %s] ", name, file, text);
	if (err)
		return err;
	assert_true(fake.knobs_count < COUNT(fake.knobs));
	snprintf(fake.knobs[fake.knobs_count].name, sizeof(fake.knobs[0].name), "%s", name);
	snprintf(fake.knobs[fake.knobs_count].text, sizeof(fake.knobs[0].text), "%s", text);
	fake.knobs[fake.knobs_count++].knob = knob;
	return 0;
}

/* What was written last. */
static int fake_read_knob(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			  char *buffer, size_t size, struct ktstr_error *error)
{
	int err = fake_call(error, "read", name);

	(void)cgroups;
	fake_log("[%s %s ?] ", name, cgroup_knob_info(knob)->file);
	for (size_t i = fake.knobs_count; !err && i--;)
		if (fake.knobs[i].knob == knob && !strcmp(fake.knobs[i].name, name)) {
			snprintf(buffer, size, "%s", fake.knobs[i].text);
			return 0;
		}
	return err ? err : ktstr_error_set(error, -ENOENT, "cgroup '%s': never written", name);
}

static int fake_move_tasks(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			   size_t count, struct ktstr_error *error)
{
	(void)cgroups, (void)pids;
	fake_log("move(%s,%zu) ", name, count);
	if (fake.move_error)
		return ktstr_error_set(error, fake.move_error, "cgroup '%s': fake move", name);
	return fake_call(error, "move_tasks", name);
}

static int fake_place_task(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
			   struct ktstr_error *error)
{
	(void)cgroups;
	fake_log("place(%s,%d) ", name, (int)pid);
	return fake_call(error, "place_task", name);
}

/* Every cgroup has the processes of fake.procs. */
static int fake_read_procs(struct ktstr_cgroups *cgroups, const char *name, pid_t **ret_pids,
			   size_t *ret_count, struct ktstr_error *error)
{
	int err = fake_call(error, "read_procs", name);

	(void)cgroups;
	fake_log("procs(%s) ", name);
	if (err)
		return err;
	*ret_pids = calloc(COUNT(fake.procs), sizeof(**ret_pids));
	assert_non_null(*ret_pids);
	memcpy(*ret_pids, fake.procs, sizeof(fake.procs));
	*ret_count = fake.procs_count;
	return 0;
}

static int fake_drain_tasks(struct ktstr_cgroups *cgroups, const char *name,
			    struct ktstr_error *error)
{
	(void)cgroups;
	fake_log("drain(%s) ", name);
	return fake_call(error, "drain_tasks", name);
}

static int fake_clear_subtree_control(struct ktstr_cgroups *cgroups, const char *name,
				      struct ktstr_error *error)
{
	(void)cgroups;
	fake_log("clear_subtree(%s) ", name);
	return fake_call(error, "clear_subtree_control", name);
}

/* Says so when it fails, and is gone all the same: what is left is counted as a leak. */
static int fake_remove(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	char *gone = fake_exists(name);

	(void)cgroups;
	fake_log("remove(%s) ", name);
	if (gone)
		memmove(gone, fake.names[--fake.cgroups], sizeof(fake.names[0]));
	if (fake.remove_error)
		return ktstr_error_set(error, fake.remove_error, "remove cgroup '%s': fake", name);
	return fake_call(error, "remove", name);
}

static const struct cgroup_ops fake_ops = {
	.setup = fake_setup,
	.create = fake_create,
	.write_knob = fake_write_knob,
	.read_knob = fake_read_knob,
	.move_tasks = fake_move_tasks,
	.place_task = fake_place_task,
	.read_procs = fake_read_procs,
	.drain_tasks = fake_drain_tasks,
	.clear_subtree_control = fake_clear_subtree_control,
	.remove = fake_remove,
};
static struct ktstr_cgroups fake_cgroups = { .ops = &fake_ops };

/* Workers */

struct ktstr_workload {
	uint32_t phase;
	pid_t pids[64];
	size_t count;
};

int ktstr_workload_spawn(const struct ktstr_workload_config *config,
			 struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	int err = fake_call(error, "spawn", "workers");
	struct ktstr_workload *workload;

	fake_log("spawn(%u) ", config->num_workers);
	fake.config = *config;
	if (err)
		return err;
	workload = calloc(1, sizeof(*workload));
	assert_non_null(workload);
	workload->count = config->num_workers;
	fake.workloads++;
	*ret_workload = workload;
	return 0;
}

int ktstr_workload_spawn_pcomm(const struct ktstr_pcomm_config *config,
			       struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	int err = fake_call(error, "spawn", "container");

	fake_log("container(%s,", config->pcomm);
	for (size_t i = 0; i < config->num_works; i++)
		fake_log("%s%u", i ? "+" : "", config->works[i].workers);
	fake_log(") ");
	if (err)
		return err;
	*ret_workload = calloc(1, sizeof(**ret_workload));
	assert_non_null(*ret_workload);
	(*ret_workload)->count = 1; /* a process */
	fake.workloads++;
	return 0;
}

const pid_t *ktstr_workload_pids(const struct ktstr_workload *workload, size_t *ret_count)
{
	*ret_count = workload->count;
	return workload->pids;
}

void ktstr_workload_start(struct ktstr_workload *workload)
{
	fake_log("start(%zu) ", workload->count);
}

size_t ktstr_workload_snapshot_iterations(const struct ktstr_workload *workload,
					  uint64_t *ret_iterations, size_t capacity)
{
	for (size_t i = 0; i < workload->count && i < capacity; i++)
		ret_iterations[i] = 10;
	return workload->count;
}

void ktstr_workload_set_phase(struct ktstr_workload *workload, uint32_t epoch)
{
	workload->phase = epoch;
	fake.phases++;
}

int ktstr_workload_set_affinity(struct ktstr_workload *workload, size_t index,
				const cpu_set_t *cpus, struct ktstr_error *error)
{
	char list[CPULIST_TEXT_MAX];

	(void)workload;
	fake_log("affinity(%zu,%s) ", index, cpulist_format(cpus, list));
	return fake_call(error, "set_affinity", "worker");
}

void ktstr_workload_free(struct ktstr_workload *workload)
{
	if (!workload)
		return;
	fake_log("kill(%zu) ", workload->count);
	fake.workloads--;
	free(workload);
}

int ktstr_workload_stop_and_collect(struct ktstr_workload **workload,
				    struct ktstr_reports **ret_reports, struct ktstr_error *error)
{
	struct ktstr_reports *reports;
	int err = fake_call(error, "stop", "workers");

	fake_log("stop(%zu) ", (*workload)->count);
	if (!err) {
		reports = calloc(1, sizeof(*reports));
		assert_non_null(reports);
		reports->count = (*workload)->count;
		reports->reports = calloc(reports->count + 1, sizeof(*reports->reports));
		assert_non_null(reports->reports);
		for (size_t i = 0; i < reports->count; i++)
			reports->reports[i].max_gap_ms = fake.gap_ms;
		fake.reports++;
		*ret_reports = reports;
	}
	free(*workload);
	*workload = NULL;
	fake.workloads--;
	return err;
}

void ktstr_reports_free(struct ktstr_reports *reports)
{
	if (!reports)
		return;
	fake.reports--;
	free(reports->reports);
	free(reports);
}

/* Payloads */

struct ktstr_payload_run {
	const char *name;
};

int ktstr_payload_spawn(struct ktstr_ctx *ctx, const struct ktstr_payload *payload,
			const struct ktstr_payload_options *options,
			struct ktstr_payload_run **ret_run, struct ktstr_error *error)
{
	int err = fake_call(error, "payload", payload->name);

	(void)ctx;
	fake_log("run(%s,%s) ", payload->name, options->cgroup ? options->cgroup : "-");
	if (err)
		return err;
	*ret_run = calloc(1, sizeof(**ret_run));
	assert_non_null(*ret_run);
	(*ret_run)->name = payload->name;
	fake.payloads++;
	return 0;
}

int ktstr_payload_wait(struct ktstr_payload_run *run, struct ktstr_payload_result **ret_result,
		       struct ktstr_error *error)
{
	(void)ret_result;
	fake_log("await(%s) ", run->name);
	return fake_call(error, "wait", run->name);
}

int ktstr_payload_kill(struct ktstr_payload_run *run, struct ktstr_payload_result **ret_result,
		       struct ktstr_error *error)
{
	(void)ret_result;
	fake_log("slay(%s) ", run->name);
	return fake_call(error, "kill", run->name);
}

void ktstr_payload_free(struct ktstr_payload_run *run)
{
	fake.payloads -= !!run;
	free(run);
}

/* Verdict */

void verdict_vadd(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		  const char *format, va_list args)
{
#define X(name, text) text,
	static const char *const outcomes[] = { VERDICT_OUTCOMES(X) };
	static const char *const kinds[] = { DETAIL_KINDS(X) };
#undef X
	size_t used = strlen(fake.failures);

	(void)verdict;
	used += (size_t)snprintf(fake.failures + used, sizeof(fake.failures) - used, "%s|%s %s|",
				 fake.phase, outcomes[outcome], kinds[kind]);
	used += (size_t)vsnprintf(fake.failures + used, sizeof(fake.failures) - used, format, args);
	snprintf(fake.failures + used, sizeof(fake.failures) - used, "\n");
}

void verdict_add(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict_vadd(verdict, outcome, kind, format, args);
	va_end(args);
}

void verdict_vnote(struct verdict *verdict, const char *format, va_list args)
{
	(void)verdict;
	vsnprintf(fake.notes, sizeof(fake.notes), format, args);
}

void verdict_note(struct verdict *verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict_vnote(verdict, format, args);
	va_end(args);
}

struct verdict_phase verdict_set_phase(struct verdict *verdict, const char *phase)
{
	struct verdict_phase before = { 0 };

	(void)verdict;
	snprintf(before.label, sizeof(before.label), "%s", fake.phase);
	snprintf(fake.phase, sizeof(fake.phase), "%s", phase ? phase : "");
	return before;
}

void verdict_judge_cgroup(struct verdict *verdict, const char *name,
			  const struct ktstr_check *check, const struct ktstr_reports *reports,
			  const cpu_set_t *cpuset)
{
	char list[CPULIST_TEXT_MAX];

	(void)verdict;
	fake_log("judge(%s,%zu,%s,%s,%lu) ", name, reports->count,
		 cpuset ? cpulist_format(cpuset, list) : "-", fake.phase,
		 (unsigned long)check->max_gap_ms);
}

/* Bridge */

static bool fake_scheduler_down(void *data)
{
	(void)data;
	fake.down_asked++;
	return fake.down_from && fake.down_asked >= fake.down_from;
}

static void fake_event(void *data, const char *name, int step)
{
	(void)data;
	fake_log("<%s %d> ", name, step);
}

/* A context on a machine of this topology; free with fake_ctx_free(). */
static inline struct ktstr_ctx fake_ctx(const char *topology_text)
{
	struct ktstr_topology topology;
	struct ktstr_machine *machine;

	memset(&fake, 0, sizeof(fake));
	assert_int_equal(ktstr_topology_parse(topology_text, &topology, NULL), 0);
	assert_int_equal(ktstr_machine_from_topology(&topology, &machine, NULL), 0);
	return (struct ktstr_ctx){
		.cgroups = &fake_cgroups,
		.machine = machine,
		.duration_ms = 10,
		.workers_per_cgroup = 1,
		.check = { .max_gap_ms = 77 },
		.bridge = { .scheduler_down = fake_scheduler_down, .event = fake_event },
	};
}

static inline void fake_ctx_free(struct ktstr_ctx *ctx)
{
	ktstr_machine_free((struct ktstr_machine *)ctx->machine);
}

/* Whatever happened: nothing of it is left. */
static inline void assert_nothing_left(void)
{
	assert_int_equal(fake.cgroups, 0);
	assert_int_equal(fake.workloads, 0);
	assert_int_equal(fake.reports, 0);
	assert_int_equal(fake.payloads, 0);
}
