// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups with an owner: added one by one, removed together. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/cgroup_group.h"
#include "cgroup/cgroup_name.h"

static bool has(const struct cgroup_group *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++)
		if (!strcmp(group->names[i], name))
			return true;
	return false;
}

/*
 * Create the first length bytes of name. It becomes the group's when it was asked for by name or
 * did not exist. Room comes first, the cgroup second: one that exists is always written down.
 */
static int create(struct cgroup_group *group, const char *name, size_t length, bool asked_for,
		  struct ktstr_error *error)
{
	char **names = reallocarray(group->names, group->count + 1, sizeof(*names));
	auto_free char *copy = NULL;
	bool created = false;
	int err;

	if (names)
		group->names = names;
	copy = names ? strndup(name, length) : NULL;
	if (!copy)
		return ktstr_error_set(error, -ENOMEM, "cgroup '%s': no memory to keep track of it",
				       name);
	err = group->cgroups->ops->create(group->cgroups, copy, &created, error);
	if (!err && (asked_for || created) && !has(group, copy))
		names[group->count++] = take_pointer(copy);
	return err;
}

int cgroup_group_add(struct cgroup_group *group, const char *name, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	for (const char *at = name; !err && (at = strchr(at, '/')); at++)
		err = create(group, name, (size_t)(at - name), false, error);
	return err ? err : create(group, name, strlen(name), true, error);
}

void cgroup_group_release(struct cgroup_group *group, void (*warn)(void *data, const char *text),
			  void *data)
{
	while (group->count) {
		auto_free char *last = group->names[--group->count];
		struct ktstr_error error = { 0 };

		if (ktstr_cgroup_remove(group->cgroups, last, &error))
			warn(data, error.text);
	}
	free(group->names);
	group->names = NULL;
}
