// SPDX-License-Identifier: GPL-2.0-only
/* A cgroup from its definition: its CPUs, its limits, its groups of workers. */
#include "scenario/plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/cgroup_knob.h"
#include "cgroup/cgroup_name.h"
#include "scenario/cgroup_limits.h"
#include "topology/cpuset.h"

/* Which groups of workers scale with a cpuset that has no CPU: "works[0]=0.5, works[2]=1". */
static unsigned list_scaled(const struct ktstr_work_spec *works, size_t count, char *text,
			    size_t size)
{
	unsigned scaled = 0;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (!works[i].workers_pct)
			continue;
		if (used < size)
			used += (size_t)snprintf(text + used, size - used, "%sworks[%zu]=%g",
						 scaled ? ", " : "", i, works[i].workers_pct);
		scaled++;
	}
	return scaled;
}

static int refuse_empty(const struct ktstr_ctx *ctx, const struct ktstr_cgroup_def *def,
			const struct ktstr_work_spec *works, size_t count,
			struct ktstr_error *error)
{
	char cpuset[CPUSET_TEXT_MAX], scaled[256];
	struct ktstr_error why = { 0 };

	cpuset_format(&def->cpuset, cpuset);
	for (size_t i = 0; i < count; i++)
		if (works[i].workers && works[i].workers_pct)
			return ktstr_error_set(
				error, -EINVAL,
				"cgroup '%s': BOTH workers(%u) and workers_pct(%g) are set, pick "
				"one; its cpuset %s has 0 cpus, which would hide the conflict",
				def->name, plan_shown_workers(&works[i]), works[i].workers_pct,
				cpuset);
	switch (list_scaled(works, count, scaled, sizeof(scaled))) {
	case 0:
		break;
	case 1:
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': cpuset %s has 0 cpus here, so workers_pct(%s) makes "
			"0 workers; change the cpuset or its fractions, or say how many "
			"with workers(N)",
			def->name, cpuset, strchr(scaled, '=') + 1);
	default:
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': cpuset %s has 0 cpus here, so workers_pct of [%s] makes "
			"0 workers; change the cpuset or its fractions, or say how many "
			"with workers(N)",
			def->name, cpuset, scaled);
	}
	if (ktstr_cpuset_check(&def->cpuset, ctx->machine, &why))
		return ktstr_error_set(error, -EINVAL,
				       "cgroup '%s': cpuset %s has 0 cpus (%.400s); adjust it",
				       def->name, cpuset, why.text);
	return ktstr_error_set(
		error, -EINVAL,
		"cgroup '%s': cpuset %s has 0 cpus on this machine (%u cpus); adjust it, "
		"or ask for more cpus in .topology",
		def->name, cpuset, ktstr_machine_num_cpus(ctx->machine));
}

static int plan_cpus(const struct ktstr_ctx *ctx, const struct ktstr_work_spec *works, size_t count,
		     struct planned_cgroup *plan, struct ktstr_error *error)
{
	const struct ktstr_cgroup_def *def = plan->def;
	char cpuset[CPUSET_TEXT_MAX];
	int err;

	plan->has_cpuset = def->cpuset.kind != KTSTR_CPUSET_INHERIT;
	if (!plan->has_cpuset)
		return 0;
	ktstr_cpuset_resolve(&def->cpuset, ctx->machine, &plan->cpus);
	if (!CPU_COUNT(&plan->cpus))
		return refuse_empty(ctx, def, works, count, error);
	err = ktstr_cpuset_check(&def->cpuset, ctx->machine, error);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s': cpuset %s", def->name,
					cpuset_format(&def->cpuset, cpuset));
	return 0;
}

int plan_cpuset(const struct ktstr_ctx *ctx, const struct ktstr_cpuset *cpuset, const char *what,
		const char *advice, cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	char text[CPUSET_TEXT_MAX];
	int err = ktstr_cpuset_check(cpuset, ctx->machine, error);

	if (err)
		return ktstr_error_wrap(error, err, "%s: cpuset %s", what,
					cpuset_format(cpuset, text));
	ktstr_cpuset_resolve(cpuset, ctx->machine, ret_cpus);
	if (CPU_COUNT(ret_cpus))
		return 0;
	return ktstr_error_set(error, -EINVAL,
			       "%s: cpuset %s has 0 cpus on this machine (%u cpus); %s", what,
			       cpuset_format(cpuset, text), ktstr_machine_num_cpus(ctx->machine),
			       advice);
}

static bool same_credential(struct ktstr_optional a, struct ktstr_optional b)
{
	return a.given == b.given && (!a.given || a.value == b.value);
}

static const char *shown_credential(struct ktstr_optional id, char text[24])
{
	if (!id.given)
		return "unset";
	snprintf(text, 24, "%lld", id.value);
	return text;
}

static int refuse_credentials(const char *name, const char *which,
			      const struct ktstr_work_spec *first, size_t index,
			      struct ktstr_optional of_first, struct ktstr_optional of_this,
			      struct ktstr_error *error)
{
	char a[24], b[24];

	return ktstr_error_set(
		error, -EINVAL,
		"cgroup '%s': works of pcomm '%s' disagree about %s: the first has %s, "
		"works[%zu] has %s; they share one process, whose credentials are one",
		name, first->pcomm, which, shown_credential(of_first, a), index,
		shown_credential(of_this, b));
}

/* Groups that become threads of one process have to agree on whom it belongs to. */
static int check_credentials(const struct planned_cgroup *plan, size_t index,
			     struct ktstr_error *error)
{
	const struct ktstr_work_spec *this = &plan->works[index].spec;

	if (!this->pcomm)
		return 0;
	for (size_t i = 0; i < index; i++) {
		const struct ktstr_work_spec *first = &plan->works[i].spec;

		if (!first->pcomm || strcmp(first->pcomm, this->pcomm) != 0)
			continue;
		if (!same_credential(first->uid, this->uid))
			return refuse_credentials(plan->def->name, "uid", first, index, first->uid,
						  this->uid, error);
		if (!same_credential(first->gid, this->gid))
			return refuse_credentials(plan->def->name, "gid", first, index, first->gid,
						  this->gid, error);
		return 0;
	}
	return 0;
}

static int plan_works(const struct ktstr_ctx *ctx, const struct ktstr_work_spec *works,
		      struct planned_cgroup *plan, struct ktstr_error *error)
{
	const cpu_set_t *cpuset = plan->has_cpuset ? &plan->cpus : NULL;
	int err = 0;

	for (size_t i = 0; !err && i < plan->works_count; i++) {
		struct ktstr_work_spec *spec = &plan->works[i].spec;

		err = plan_work(ctx, plan->def->name, cpuset, &works[i], &plan->works[i], error);
		if (err)
			break;
		spec->work = ktstr_work_resolve_override(&spec->work, ctx->work_override,
							 plan->def->swappable, spec->workers);
		err = check_credentials(plan, i, error);
	}
	return err;
}

static int plan_all(const struct ktstr_ctx *ctx, struct planned_cgroup *plan,
		    struct ktstr_error *error)
{
	auto_free struct ktstr_work_spec *works = plan_merged_works(plan->def, &plan->works_count);
	int err;

	plan->works = works ? calloc(plan->works_count, sizeof(*plan->works)) : NULL;
	if (!plan->works)
		return ktstr_error_set(error, -ENOMEM, "cgroup '%s': no memory for its workers",
				       plan->def->name);
	err = plan_cpus(ctx, works, plan->works_count, plan, error);
	if (!err)
		err = limits_check(plan->def, error);
	return err ? err : plan_works(ctx, works, plan, error);
}

int plan_cgroup(const struct ktstr_ctx *ctx, const struct ktstr_cgroup_def *def,
		struct planned_cgroup *ret_plan, struct ktstr_error *error)
{
	struct planned_cgroup plan = { .def = def };
	int err = cgroup_name_check(def->name, error);

	if (!err)
		err = plan_all(ctx, &plan, error);
	if (err) {
		plan_cgroup_release(&plan);
		return err;
	}
	*ret_plan = plan;
	return 0;
}

void plan_cgroup_release(struct planned_cgroup *plan)
{
	free(plan->works);
	*plan = (struct planned_cgroup){ 0 };
}
