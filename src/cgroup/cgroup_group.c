// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups with an owner: added one by one, removed together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
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

	return entry && entry->asked_for;
}

/*
 * Create the first length bytes of name. It becomes the group's when it was asked for by name or
 * did not exist. Room comes first, the cgroup second: one that exists is always written down.
 */
static int create(struct cgroup_group *group, const char *name, size_t length, bool asked_for,
		  struct ktstr_error *error)
{
	struct cgroup_group_entry *entries = reallocarray(group->entries, group->count + 1,
							  sizeof(*entries));
	auto_free char *copy = NULL;
	struct cgroup_group_entry *known;
	bool created = false;
	int err;

	if (entries)
		group->entries = entries;
	copy = entries ? strndup(name, length) : NULL;
	if (!copy)
		return ktstr_error_set(error, -ENOMEM, "cgroup '%s': no memory to keep track of it",
				       name);
	err = group->cgroups->ops->create(group->cgroups, copy, &created, error);
	if (err)
		return err;
	known = find(group, copy);
	if (known)
		known->asked_for = known->asked_for || asked_for;
	else if (asked_for || created)
		entries[group->count++] = (struct cgroup_group_entry){
			.name = take_pointer(copy),
			.asked_for = asked_for,
		};
	return 0;
}

int cgroup_group_add(struct cgroup_group *group, const char *name, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	for (const char *at = name; !err && (at = strchr(at, '/')); at++)
		err = create(group, name, (size_t)(at - name), false, error);
	return err ? err : create(group, name, strlen(name), true, error);
}

void cgroup_group_forget(struct cgroup_group *group, const char *name)
{
	struct cgroup_group_entry *entry = find(group, name);

	if (!entry)
		return;
	free(entry->name);
	group->count--;
	memmove(entry, entry + 1, (size_t)(group->entries + group->count - entry) * sizeof(*entry));
}

void cgroup_group_release(struct cgroup_group *group, void (*warn)(void *data, const char *text),
			  void *data)
{
	while (group->count) {
		auto_free char *last = group->entries[--group->count].name;
		struct ktstr_error error = { 0 };

		if (ktstr_cgroup_remove(group->cgroups, last, &error))
			warn(data, error.text);
	}
	free(group->entries);
	group->entries = NULL;
}
