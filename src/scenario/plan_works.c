// SPDX-License-Identifier: GPL-2.0-only
/* Groups of workers: which there are, how many workers each has, where they may run. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/affinity_intent.h"
#include "scenario/plan.h"

unsigned plan_shown_workers(const struct ktstr_work_spec *spec)
{
	return spec->workers == KTSTR_WORKERS_NONE ? 0 : spec->workers;
}

static bool describes_workers(const struct ktstr_cgroup_def *def)
{
	return def->workers || def->workers_pct || def->work.ops || def->policy.kind ||
	       def->affinity.kind || def->mem_policy.kind;
}

static struct ktstr_optional or_default(struct ktstr_optional own, struct ktstr_optional of_def)
{
	return own.given ? own : of_def;
}

static void merge_defaults(struct ktstr_work_spec *spec, const struct ktstr_cgroup_def *def)
{
	spec->nice = or_default(spec->nice, def->nice);
	spec->uid = or_default(spec->uid, def->uid);
	spec->gid = or_default(spec->gid, def->gid);
	spec->numa_node = or_default(spec->numa_node, def->numa_node);
	if (!spec->comm)
		spec->comm = def->comm;
	if (!spec->pcomm)
		spec->pcomm = def->pcomm;
	/* A process without a name is no container. */
	if (spec->pcomm && !*spec->pcomm)
		spec->pcomm = NULL;
}

struct ktstr_work_spec *plan_merged_works(const struct ktstr_cgroup_def *def, size_t *ret_count)
{
	struct ktstr_work_spec *works = calloc(def->works.count + 1, sizeof(*works));
	size_t count = 0;

	if (!works)
		return NULL;
	if (!def->works.count || describes_workers(def))
		works[count++] = (struct ktstr_work_spec){
			.work = def->work,
			.workers = def->workers,
			.workers_pct = def->workers_pct,
			.affinity = def->affinity,
			.policy = def->policy,
			.mem_policy = def->mem_policy,
		};
	for (size_t i = 0; i < def->works.count; i++)
		works[count++] = def->works.works[i];
	for (size_t i = 0; i < count; i++)
		merge_defaults(&works[i], def);
	*ret_count = count;
	return works;
}

/* CPUs that a share of workers refers to: the cgroup's, or those that cpusets are cut from. */
static unsigned num_cpus(const struct ktstr_ctx *ctx, const cpu_set_t *cpuset)
{
	cpu_set_t usable;

	if (cpuset)
		return (unsigned)CPU_COUNT(cpuset);
	ktstr_machine_usable_cpus(ctx->machine, &usable);
	return (unsigned)CPU_COUNT(&usable);
}

static int scale_workers(const char *label, unsigned cpus, double pct, unsigned *ret_workers,
			 struct ktstr_error *error)
{
	double workers = ceil(cpus * pct);

	if (!isfinite(pct) || pct < 0)
		return ktstr_error_set(error, -EINVAL,
				       "cgroup '%s': workers_pct(%g) must be finite and > 0", label,
				       pct);
	if (workers > INT_MAX)
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': workers_pct(%g) of %u cpus makes %g workers; 1.0 "
			"is one for each cpu",
			label, pct, cpus, workers);
	if (workers < 1)
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': workers_pct(%g) of %u cpus makes 0 workers; use a "
			"larger share or workers(N)",
			label, pct, cpus);
	*ret_workers = (unsigned)workers;
	return 0;
}

static int count_workers(const struct ktstr_ctx *ctx, const char *label, const cpu_set_t *cpuset,
			 struct ktstr_work_spec *spec, struct ktstr_error *error)
{
	int err = 0;

	if (spec->workers && spec->workers_pct)
		return ktstr_error_set(error, -EINVAL,
				       "cgroup '%s': BOTH workers(%u) and workers_pct(%g) are set, "
				       "pick one",
				       label, plan_shown_workers(spec), spec->workers_pct);
	if (spec->workers_pct)
		err = scale_workers(label, num_cpus(ctx, cpuset), spec->workers_pct, &spec->workers,
				    error);
	else if (!spec->workers)
		spec->workers = ctx->workers_per_cgroup;
	else
		spec->workers = plan_shown_workers(spec);
	spec->workers_pct = 0;
	if (!err && !spec->workers)
		err = ktstr_error_set(error, -EINVAL,
				      "cgroup '%s': num_workers=0, nothing would run in it; use at "
				      "least 1 or drop the cgroup",
				      label);
	return err;
}

static int check_name(const char *label, const char *field, const char *name,
		      struct ktstr_error *error)
{
	size_t length = name ? strlen(name) : 1;

	if (length && length <= KTSTR_COMM_MAX)
		return 0;
	if (!length)
		return ktstr_error_set(error, -EINVAL, "cgroup '%s': %s is empty", label, field);
	return ktstr_error_set(error, -EINVAL,
			       "cgroup '%s': %s '%s' has %zu bytes, the kernel keeps at most %d",
			       label, field, name, length, KTSTR_COMM_MAX);
}

int plan_work(const struct ktstr_ctx *ctx, const char *label, const cpu_set_t *cpuset,
	      const struct ktstr_work_spec *spec, struct planned_work *ret_work,
	      struct ktstr_error *error)
{
	struct planned_work *work = ret_work;
	int err = check_name(label, "comm", spec->comm, error);

	*work = (struct planned_work){ .spec = *spec };
	if (!err)
		err = check_name(label, "pcomm", spec->pcomm, error);
	if (!err)
		err = plan_mem_policy(ctx, label, cpuset, &spec->mem_policy, error);
	if (!err)
		err = count_workers(ctx, label, cpuset, &work->spec, error);
	if (!err)
		err = affinity_intent_resolve(&spec->affinity, cpuset, ctx->machine,
					      &work->spec.affinity, &work->cpus, error);
	return err;
}
