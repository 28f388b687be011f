// SPDX-License-Identifier: GPL-2.0-only
/* Folders of a cgroup file system: their files cannot be removed, they go with the folder. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cgroup_tree.h"
#include "base/cleanup.h"

#define DEPTH_MAX 32

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

void cgroup_tree_clear(int dirfd, const char *name)
{
	remove_below(dirfd, name, 0);
}
