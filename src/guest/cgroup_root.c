// SPDX-License-Identifier: GPL-2.0-only
/* The cgroup that scenarios live in. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "guest/cgroup_root.h"

#define CONTROLLERS_MAX_BYTES 4096
#define DEPTH_MAX 32

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

static void remove_below(int parent, const char *name, int depth)
{
	auto_close int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	/* fdopendir() takes the descriptor over, and unlinkat() below needs one. */
	auto_closedir DIR *folder = fd >= 0 ? fdopendir(dup(fd)) : NULL;
	const struct dirent *entry;

	while (folder && depth < DEPTH_MAX && (entry = readdir(folder))) {
		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, ".."))
			continue;
		remove_below(fd, entry->d_name, depth + 1);
		unlinkat(fd, entry->d_name, AT_REMOVEDIR);
	}
}

void cgroup_root_clean(const char *parent)
{
	remove_below(AT_FDCWD, parent, 0);
}
