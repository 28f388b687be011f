// SPDX-License-Identifier: GPL-2.0-only
/* Which names a cgroup may have: they become paths below the scenario's parent. */
#include <errno.h>
#include <string.h>

#include "cgroup/cgroup_name.h"

static const char *component_fault(const char *component, size_t length)
{
	if (!length)
		return "a component is empty";
	if (length == 2 && !memcmp(component, "..", 2))
		return "'..' would leave the parent";
	if (length == 1 && component[0] == '.')
		return "'.' names no cgroup";
	if (component[0] == '.')
		return "a component starts with a dot";
	return NULL;
}

int cgroup_name_check(const char *name, struct ktstr_error *error)
{
	const char *fault = NULL;

	if (!name)
		return ktstr_error_set(error, -EINVAL, "cgroup without a name");
	if (!*name)
		return ktstr_error_set(error, -EINVAL, "cgroup '': the name is empty");
	if (*name == '/')
		fault = "names are relative to the parent, without a leading '/'";
	for (const char *at = name; !fault; at++) {
		size_t length = strcspn(at, "/");

		fault = component_fault(at, length);
		at += length;
		if (!*at)
			break;
	}
	if (fault)
		return ktstr_error_set(error, -EINVAL, "cgroup '%.255s': %s", name, fault);
	return 0;
}
