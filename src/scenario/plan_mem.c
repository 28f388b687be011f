// SPDX-License-Identifier: GPL-2.0-only
/* Memory policies of workers against the CPUs of their cgroup. */
#include <errno.h>

#include "base/cpulist.h"
#include "scenario/plan.h"
#include "workload/mem_policy.h"

/* The nodes of policy that are not in allowed, as a set. */
static void nodes_missing(const struct ktstr_mem_policy *policy, const cpu_set_t *allowed,
			  cpu_set_t *ret_missing)
{
	CPU_ZERO(ret_missing);
	for (size_t i = 0; i < policy->num_nodes; i++)
		if (policy->nodes[i] < CPU_SETSIZE && !CPU_ISSET(policy->nodes[i], allowed))
			CPU_SET(policy->nodes[i], ret_missing);
}

static int check_exist(const struct ktstr_ctx *ctx, const char *label,
		       const struct ktstr_mem_policy *policy, struct ktstr_error *error)
{
	char missing_text[CPULIST_TEXT_MAX], there_text[CPULIST_TEXT_MAX];
	cpu_set_t there, missing;

	ktstr_machine_numa_nodes(ctx->machine, &there);
	nodes_missing(policy, &there, &missing);
	if (!CPU_COUNT(&missing))
		return 0;
	return ktstr_error_set(error, -EINVAL,
			       "cgroup '%s': memory policy names nodes %s, the machine has %s",
			       label, cpulist_format(&missing, missing_text),
			       cpulist_format(&there, there_text));
}

static int check_covered(const struct ktstr_ctx *ctx, const char *label, const cpu_set_t *cpuset,
			 const struct ktstr_mem_policy *policy, struct ktstr_error *error)
{
	char missing_text[CPULIST_TEXT_MAX], covered_text[CPULIST_TEXT_MAX];
	cpu_set_t covered, missing;

	ktstr_machine_numa_nodes_of(ctx->machine, cpuset, &covered);
	nodes_missing(policy, &covered, &missing);
	if (!CPU_COUNT(&missing))
		return 0;
	return ktstr_error_set(
		error, -EINVAL,
		"cgroup '%s': memory policy names nodes %s, its cpuset covers %s; add "
		"KTSTR_MPOL_STATIC_NODES or widen the cpuset",
		label, cpulist_format(&missing, missing_text),
		cpulist_format(&covered, covered_text));
}

int plan_mem_policy(const struct ktstr_ctx *ctx, const char *label, const cpu_set_t *cpuset,
		    const struct ktstr_mem_policy *policy, struct ktstr_error *error)
{
	int err = mem_policy_check(policy, error);

	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", label);
	/* Without a cpuset of its own the kernel's rules for its parents' hold. */
	if (!cpuset || !policy->num_nodes)
		return 0;
	if (policy->flags & KTSTR_MPOL_STATIC_NODES)
		return check_exist(ctx, label, policy, error);
	if (policy->flags & KTSTR_MPOL_RELATIVE_NODES)
		return 0;
	return check_covered(ctx, label, cpuset, policy, error);
}
