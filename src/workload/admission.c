// SPDX-License-Identifier: GPL-2.0-only
/* Which specs can become workers of which sort. Everything is looked at before anything is made. */
#include "workload/admission.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "workload/affinity.h"

#define SITE_MAX 40

/* Where a group stands in what the caller wrote. */
static const char *site_of(enum worker_sort sort, size_t group, char site[SITE_MAX])
{
	if (sort == WORKER_IN_CONTAINER)
		snprintf(site, SITE_MAX, "works[%zu]", group);
	else if (group)
		snprintf(site, SITE_MAX, "composed[%zu]", group - 1);
	else
		snprintf(site, SITE_MAX, "config");
	return site;
}

static int check_spec(const struct ktstr_work_spec *spec, enum worker_sort sort, size_t group,
		      struct ktstr_error *error)
{
	char site[SITE_MAX];
	int err = affinity_check(&spec->affinity, error);

	site_of(sort, group, site);
	if (err)
		return ktstr_error_wrap(error, err, "%s.affinity (group %zu)", site, group);
	err = mem_policy_check(&spec->mem_policy, error);
	if (err)
		return ktstr_error_wrap(error, err, "%s.mem_policy (group %zu)", site, group);
	if (!spec->workers)
		return ktstr_error_set(error, -EINVAL,
				       "%s.workers (group %zu): 0; only a scenario has a "
				       "workers_per_cgroup to take instead, name a number or "
				       "KTSTR_WORKERS_NONE",
				       site, group);
	if (spec->workers_pct != 0)
		return ktstr_error_set(error, -EINVAL,
				       "%s.workers_pct (group %zu): only a scenario has a cpuset "
				       "to take it of, name a number of workers",
				       site, group);
	if (spec->pcomm && sort != WORKER_IN_CONTAINER)
		return ktstr_error_set(error, -EINVAL,
				       "%s.pcomm (group %zu): '%s' is the name of a process that "
				       "hosts its workers as threads; spawn it with "
				       "ktstr_workload_spawn_pcomm()",
				       site, group, spec->pcomm);
	return 0;
}

static int check_sort(const struct ktstr_work_ops *ops, enum worker_sort sort, size_t group,
		      struct ktstr_error *error)
{
	const struct {
		const char *why_not, *where, *instead;
	} rows[] = {
		[WORKER_PROCESS] = { ops->not_as_process, "with clone_mode fork",
				     "clone_mode thread" },
		[WORKER_THREAD] = { ops->not_as_thread, "with clone_mode thread",
				    "clone_mode fork" },
		[WORKER_IN_CONTAINER] = { ops->not_in_container, "in a pcomm container",
					  "ktstr_workload_spawn() with clone_mode fork" },
	};

	if (!rows[sort].why_not)
		return 0;
	return ktstr_error_set(error, -EINVAL, "%s (group %zu) cannot run %s: %s; use %s",
			       ops->name, group, rows[sort].where, rows[sort].why_not,
			       rows[sort].instead);
}

static int init_group(struct work_group *group, const struct ktstr_work_spec *spec,
		      enum worker_sort sort, size_t index, struct ktstr_error *error)
{
	struct worker_setup setup;
	char site[SITE_MAX];
	int err = worker_setup_init(&setup, spec, error);

	if (err)
		return ktstr_error_wrap(error, err, "%s (group %zu)", site_of(sort, index, site),
					index);
	err = check_sort(work_ops(&spec->work), sort, index, error);
	if (!err)
		err = work_group_init(group, (unsigned)index, &spec->work,
				      spec->workers == KTSTR_WORKERS_NONE ? 0 : spec->workers,
				      error);
	if (!err)
		group->setup = setup;
	return err;
}

int work_groups_admit(const struct ktstr_work_spec *specs, size_t count, enum worker_sort sort,
		      struct work_group **ret_groups, struct ktstr_error *error)
{
	struct work_group *groups;
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		err = check_spec(&specs[i], sort, i, error);
		if (err)
			return err;
	}
	groups = calloc(count, sizeof(*groups));
	if (!groups)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu groups", count);
	for (size_t i = 0; i < count; i++) {
		err = init_group(&groups[i], &specs[i], sort, i, error);
		if (err) {
			work_groups_free(groups, i);
			return err;
		}
	}
	*ret_groups = groups;
	return 0;
}

void work_groups_free(struct work_group *groups, size_t count)
{
	for (size_t i = 0; groups && i < count; i++)
		work_group_release(&groups[i]);
	free(groups);
}
