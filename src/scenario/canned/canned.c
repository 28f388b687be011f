// SPDX-License-Identifier: GPL-2.0-only
/* Tools of the catalogue. */
#include "scenario/canned/canned.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "scenario/hold.h"

unsigned canned_usable(const struct ktstr_ctx *ctx)
{
	cpu_set_t usable;

	ktstr_machine_usable_cpus(ktstr_ctx_machine(ctx), &usable);
	return (unsigned)CPU_COUNT(&usable);
}

static cpu_set_t range_of(const cpu_set_t *cpus, unsigned skip, unsigned n)
{
	cpu_set_t range;

	CPU_ZERO(&range);
	for (int cpu = 0; cpu < CPU_SETSIZE && n; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		CPU_SET(cpu, &range);
		n--;
	}
	return range;
}

cpu_set_t canned_usable_range(const struct ktstr_ctx *ctx, unsigned skip, unsigned n)
{
	cpu_set_t usable;

	ktstr_machine_usable_cpus(ktstr_ctx_machine(ctx), &usable);
	return range_of(&usable, skip, n);
}

cpu_set_t canned_nth_cpu(const struct ktstr_ctx *ctx, unsigned skip)
{
	cpu_set_t all;

	ktstr_machine_cpus(ktstr_ctx_machine(ctx), &all);
	return range_of(&all, skip, 1);
}

struct ktstr_hold canned_brief_hold(const struct ktstr_ctx *ctx, uint64_t ms)
{
	uint64_t quarter_ms = ktstr_ctx_duration_ms(ctx) / 4;

	return KTSTR_HOLD_MS(ms < quarter_ms ? ms : quarter_ms);
}

bool canned_skip(struct ktstr_ctx *ctx, unsigned have, unsigned need, const char *what)
{
	if (have >= need)
		return false;
	ktstr_skip(ctx, "needs at least %u %s, the machine has %u", need, what, have);
	return true;
}

int canned_add_cgroup(struct canned *canned, const char *name, const cpu_set_t *cpus,
		      struct ktstr_error *error)
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(canned->ctx);
	int err;

	if (canned->cgroups_count == CANNED_MAX)
		return ktstr_error_set(error, -E2BIG, "cgroup '%s': %d are all that fit", name,
				       CANNED_MAX);
	err = ktstr_cgroups_setup(cgroups, cpus ? KTSTR_CONTROLLER_CPUSET : 0, error);
	if (!err)
		err = ktstr_cgroup_create(cgroups, name, error);
	if (err)
		return err;
	snprintf(canned->cgroups[canned->cgroups_count++], sizeof(canned->cgroups[0]), "%s", name);
	return cpus ? ktstr_cgroup_set_cpuset(cgroups, name, cpus, error) : 0;
}

int canned_add_workers(struct canned *canned, const char *cgroup,
		       const struct ktstr_workload_config *config, const cpu_set_t *cpus,
		       struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	const pid_t *pids;
	size_t count, slot = canned->workers_count;
	int err;

	if (slot == CANNED_MAX)
		return ktstr_error_set(error, -E2BIG,
				       "cgroup '%s': %d groups of workers are all "
				       "that fit",
				       cgroup, CANNED_MAX);
	err = ktstr_workload_spawn(config, &workload, error);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", cgroup);
	pids = ktstr_workload_pids(workload, &count);
	err = ktstr_cgroup_move_tasks(ktstr_ctx_cgroups(canned->ctx), cgroup, pids, count, error);
	if (err)
		return err;
	ktstr_workload_start(workload);
	snprintf(canned->workers[slot].cgroup, sizeof(canned->workers[slot].cgroup), "%s", cgroup);
	canned->workers[slot].has_cpus = cpus != NULL;
	if (cpus)
		canned->workers[slot].cpus = *cpus;
	canned->workers[slot].workload = workload;
	canned->workers_count++;
	workload = NULL;
	return 0;
}

static void judge_gaps(struct canned *canned, size_t slot, const struct ktstr_reports *reports)
{
	uint64_t limit_ms = canned->workers[slot].max_gap_ms;

	for (size_t i = 0; limit_ms && i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		if (report->max_gap_ms > limit_ms)
			verdict_add(canned->ctx->verdict, VERDICT_FAIL, DETAIL_STUCK,
				    "cgroup '%s': tid %d stuck %llums on cpu%d at +%llums "
				    "(threshold %llums)",
				    canned->workers[slot].cgroup, report->tid,
				    (unsigned long long)report->max_gap_ms, report->max_gap_cpu,
				    (unsigned long long)report->max_gap_at_ms,
				    (unsigned long long)limit_ms);
	}
}

static void judge(struct canned *canned, size_t slot)
{
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	struct ktstr_error error = { 0 };

	if (!canned->workers[slot].workload)
		return;
	if (ktstr_workload_stop_and_collect(&canned->workers[slot].workload, &reports, &error)) {
		ktstr_fail(canned->ctx, "cgroup '%s': no reports from its workers: %s",
			   canned->workers[slot].cgroup, error.text);
		return;
	}
	ktstr_judge(canned->ctx, canned->workers[slot].cgroup, reports,
		    canned->workers[slot].has_cpus ? &canned->workers[slot].cpus : NULL);
	judge_gaps(canned, slot, reports);
}

static void remove_cgroup(struct canned *canned, const char *name)
{
	struct ktstr_error error = { 0 };

	if (ktstr_cgroup_remove(ktstr_ctx_cgroups(canned->ctx), name, &error))
		ktstr_note(canned->ctx, "%s", error.text);
}

int canned_finish(struct canned *canned, int err, const struct ktstr_error *error)
{
	size_t started = canned->workers_count;

	for (size_t i = 0; i < canned->workers_count; i++)
		judge(canned, i);
	canned->workers_count = 0;
	while (canned->cgroups_count)
		remove_cgroup(canned, canned->cgroups[--canned->cgroups_count]);
	if (!err)
		return 0;
	if (!started)
		return ktstr_could_not_run(canned->ctx, error);
	ktstr_fail(canned->ctx, "%s", error->text);
	return 0;
}

uint64_t canned_now_ms(void)
{
	return clock_now_ns() / NS_PER_MS;
}

bool canned_hold_until_ms(struct canned *canned, uint64_t ms)
{
	struct ktstr_ctx *ctx = canned->ctx;
	struct ktstr_error error = { 0 };
	bool down = false;

	if (hold_wait(&ctx->bridge, ms * NS_PER_MS, &down, &error)) {
		ktstr_fail(ctx, "%s", error.text);
		return false;
	}
	if (down)
		verdict_add(ctx->verdict, VERDICT_FAIL, DETAIL_SCHEDULER_DIED,
			    "scheduler process died or was ejected by the kernel during the "
			    "scenario");
	return !down;
}
