// SPDX-License-Identifier: GPL-2.0-only
/* The public calls: check what the caller gave, pass it on to the implementation. */
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

int ktstr_cgroup_set_cpuset(struct ktstr_cgroups *cgroups, const char *name, const cpu_set_t *cpus,
			    struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	if (err)
		return err;
	/* The kernel would take it for "no cpuset". */
	if (!CPU_COUNT(cpus))
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': an empty cpuset; to use the parent's cpus again "
			"call ktstr_cgroup_clear_cpuset()",
			name);
	return cgroups->ops->set_cpuset(cgroups, name, cpus, error);
}

int ktstr_cgroup_clear_cpuset(struct ktstr_cgroups *cgroups, const char *name,
			      struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->clear_cpuset(cgroups, name, error);
}

int ktstr_cgroup_move_tasks(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			    size_t count, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->move_tasks(cgroups, name, pids, count, error);
}

int ktstr_cgroup_freeze(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->set_frozen(cgroups, name, true, error);
}

int ktstr_cgroup_unfreeze(struct ktstr_cgroups *cgroups, const char *name,
			  struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->set_frozen(cgroups, name, false, error);
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
