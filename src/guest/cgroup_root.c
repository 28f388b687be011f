// SPDX-License-Identifier: GPL-2.0-only
/* The cgroup that scenarios live in. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup_tree.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "guest/cgroup_root.h"

#define CONTROLLERS_MAX_BYTES 4096

/* Those that ktstr's cgroups use; each one handed down costs time with every cgroup made. */
static const char *const wanted[] = { "cpuset", "cpu", "memory", "pids", "io" };

/* In one write: the kernel walks the hierarchy for each. */
static int enable_controllers(const char *path, struct ktstr_error *error)
{
	auto_close int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *offered = NULL;
	char enable[128] = "";
	size_t used = 0;
	int err;

	if (folder < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", path, strerror(errno));
	err = file_read(folder, "cgroup.controllers", CONTROLLERS_MAX_BYTES, &offered, NULL, error);
	if (err)
		return err;
	/* Whoever needs a controller that the kernel lacks says so when it is asked for. */
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (text_has_word(offered, wanted[i]))
			used += (size_t)snprintf(enable + used, sizeof(enable) - used, "+%s ",
						 wanted[i]);
	return used ? file_write_text(folder, "cgroup.subtree_control", enable, error) : 0;
}

int cgroup_root_setup(const char *root, const char *parent, struct ktstr_error *error)
{
	int err = enable_controllers(root, error);

	if (err)
		return err;
	if (mkdir(parent, 0755) && errno != EEXIST)
		return ktstr_error_set(error, -errno, "create cgroup '%s': %s", parent,
				       strerror(errno));
	return enable_controllers(parent, error);
}

void cgroup_root_clean(const char *parent)
{
	cgroup_tree_clear(AT_FDCWD, parent);
}
