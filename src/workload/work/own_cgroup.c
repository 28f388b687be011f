// SPDX-License-Identifier: GPL-2.0-only
/* Where the calling process is in the cgroup hierarchy. */
#include "workload/work/own_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ktstr/cgroup.h>

#include "base/cleanup.h"

#define CGROUP_FILE "/proc/self/cgroup"

const char *own_cgroup_parse(char *text)
{
	char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	char *path;

	if (!line)
		return NULL;
	path = strchr(line, '/');
	if (!path)
		return NULL;
	path[strcspn(path, "\n")] = '\0';
	return path;
}

int own_cgroup_path(char path[OWN_CGROUP_MAX], struct ktstr_error *error)
{
	auto_close int fd = open(CGROUP_FILE, O_RDONLY | O_CLOEXEC);
	/* v1 hierarchies have lines of their own, each with a path. */
	char text[2 * OWN_CGROUP_MAX];
	const char *below;
	ssize_t got;
	int length;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "open %s: %s", CGROUP_FILE, strerror(errno));
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return ktstr_error_set(error, -errno, "read %s: %s", CGROUP_FILE, strerror(errno));
	text[got] = '\0';
	below = own_cgroup_parse(text);
	if (!below)
		return ktstr_error_set(error, -ENOENT, "the worker is in no cgroup of version 2");
	if (strcmp(below, "/") == 0)
		return ktstr_error_set(error, -ENOENT,
				       "the worker is in the root cgroup: give it one of its own");
	length = snprintf(path, OWN_CGROUP_MAX, "%s%s", KTSTR_CGROUP_ROOT, below);
	if (length >= OWN_CGROUP_MAX)
		return ktstr_error_set(error, -ENAMETOOLONG, "the path of the cgroup is too long");
	return 0;
}
