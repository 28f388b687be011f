// SPDX-License-Identifier: GPL-2.0-only
/* The public calls about cgroups and processes; those about settings are in cgroups_settings.c. */
#include <errno.h>

#include "cgroup/cgroup_name.h"
#include "cgroup/cgroup_ops.h"

void ktstr_cgroups_free(struct ktstr_cgroups *cgroups)
{
	if (cgroups)
		cgroups->ops->free(cgroups);
}

int ktstr_cgroups_setup(struct ktstr_cgroups *cgroups, unsigned controllers,
			struct ktstr_error *error)
{
	return cgroups->ops->setup(cgroups, controllers, error);
}

int ktstr_cgroup_create(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);
	bool created;

	return err ? err : cgroups->ops->create(cgroups, name, &created, error);
}

int ktstr_cgroup_move_tasks(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			    size_t count, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->move_tasks(cgroups, name, pids, count, error);
}

int ktstr_cgroup_place_task(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
			    struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->place_task(cgroups, name, pid, error);
}

int ktstr_cgroup_read_procs(struct ktstr_cgroups *cgroups, const char *name, pid_t **ret_pids,
			    size_t *ret_count, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->read_procs(cgroups, name, ret_pids, ret_count, error);
}

int ktstr_cgroup_drain_tasks(struct ktstr_cgroups *cgroups, const char *name,
			     struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->drain_tasks(cgroups, name, error);
}

int ktstr_cgroup_clear_subtree_control(struct ktstr_cgroups *cgroups, const char *name,
				       struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->clear_subtree_control(cgroups, name, error);
}

int ktstr_cgroup_remove(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->remove(cgroups, name, error);
}

void ktstr_cgroups_cleanup(struct ktstr_cgroups *cgroups)
{
	cgroups->ops->cleanup(cgroups);
}
