// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups with an owner: added one by one, removed together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/cgroup_group.h"
#include "cgroup/cgroup_name.h"

static struct cgroup_group_entry *find(const struct cgroup_group *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++)
		if (!strcmp(group->entries[i].name, name))
			return &group->entries[i];
	return NULL;
}

bool cgroup_group_has(const struct cgroup_group *group, const char *name)
{
	const struct cgroup_group_entry *entry = find(group, name);

	return entry && !entry->implied;
}

/* Room first, cgroup second: one that exists is always written down. */
static int create(struct cgroup_group *group, const char *name, size_t length, bool implied,
		  struct ktstr_error *error)
{
	struct cgroup_group_entry *entries, *known;
	bool created = false;
	char *copy;
	int err;

	entries = reallocarray(group->entries, group->count + 1, sizeof(*entries));
	if (entries)
		group->entries = entries;
	copy = entries ? strndup(name, length) : NULL;
	if (!copy)
		return ktstr_error_set(error, -ENOMEM, "cgroup '%s': no memory to keep track of it",
				       name);
	known = find(group, copy);
	if (known && implied) {
		free(copy);
		return 0;
	}
	err = group->cgroups->ops->create(group->cgroups, copy, &created, error);
	if (err || known || (implied && !created)) {
		if (!err && known)
			known->implied = false;
		free(copy);
		return err;
	}
	entries[group->count++] = (struct cgroup_group_entry){ .name = copy, .implied = implied };
	return 0;
}

int cgroup_group_add(struct cgroup_group *group, const char *name, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	for (const char *at = name; !err && (at = strchr(at, '/')); at++)
		err = create(group, name, (size_t)(at - name), true, error);
	return err ? err : create(group, name, strlen(name), false, error);
}

void cgroup_group_release(struct cgroup_group *group, void (*warn)(void *data, const char *text),
			  void *data)
{
	while (group->count) {
		struct cgroup_group_entry *last = &group->entries[--group->count];
		struct ktstr_error error = { 0 };

		if (ktstr_cgroup_remove(group->cgroups, last->name, &error))
			warn(data, error.text);
		free(last->name);
	}
	free(group->entries);
	group->entries = NULL;
}
