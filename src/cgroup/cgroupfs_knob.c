// SPDX-License-Identifier: GPL-2.0-only
/* cpuset.cpus, and what to say when the kernel does not want it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cpulist.h"
#include "cgroup/cgroupfs.h"

#define STATE_MAX 128	/* of one control file, in the message */
#define LISTING_MAX 256 /* of file names, in the message */

static void read_or_say(int dirfd, const char *file, char buffer[STATE_MAX])
{
	if (dirfd < 0 || !cgroupfs_read(dirfd, file, buffer, STATE_MAX))
		snprintf(buffer, STATE_MAX, "(unreadable)");
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The sorted names in dirfd, as far as they fit. */
static void list_files(int dirfd, char buffer[LISTING_MAX])
{
	struct dirent **entries;
	size_t used = 0;
	int count = scandirat(dirfd, ".", &entries, visible, alphasort);

	snprintf(buffer, LISTING_MAX, count < 0 ? "(unreadable)" : "");
	for (int i = 0; i < count; i++) {
		if (used < LISTING_MAX)
			used += (size_t)snprintf(buffer + used, LISTING_MAX - used, "%s%s",
						 used ? " " : "", entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* The kernel's EINVAL or ENOENT says nothing about which controller is missing where. */
static int explain(const struct cgroupfs *fs, const char *name, int dirfd, const char *list,
		   int err, struct ktstr_error *error)
{
	char offered[STATE_MAX], passed_on[STATE_MAX], own[STATE_MAX], files[LISTING_MAX];
	auto_close int parentfd = -1;
	struct ktstr_error why;
	bool has_file = !faccessat(dirfd, "cpuset.cpus", F_OK, 0);

	if (!error)
		return err;
	why = *error;
	if (cgroupfs_open(fs, "", &parentfd, NULL))
		parentfd = -1;
	read_or_say(parentfd, "cgroup.controllers", offered);
	read_or_say(parentfd, "cgroup.subtree_control", passed_on);
	read_or_say(dirfd, "cgroup.controllers", own);
	list_files(dirfd, files);
	return ktstr_error_set(
		error, err,
		"cgroup '%s': cpuset.cpus '%.200s': %.400s; parent '%s' has controllers "
		"'%s' and passes on '%s', '%s' has '%s', cpuset.cpus %s, files: %s",
		name, list, why.text, fs->parent, offered, passed_on, name, own,
		has_file ? "exists" : "does not exist (it needs the cpuset controller)", files);
}

int cgroupfs_set_cpuset(struct ktstr_cgroups *cgroups, const char *name, const cpu_set_t *cpus,
			struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	char list[CPULIST_TEXT_MAX];
	auto_close int dirfd = -1;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err)
		return err;
	cpulist_format(cpus, list);
	err = cgroupfs_write(fs, name, dirfd, "cpuset.cpus", list, error);
	return err ? explain(fs, name, dirfd, list, err, error) : 0;
}

int cgroupfs_clear_cpuset(struct ktstr_cgroups *cgroups, const char *name,
			  struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err)
		return err;
	/* A line break: writing nothing at all would not reach the kernel. */
	err = cgroupfs_write(fs, name, dirfd, "cpuset.cpus", "\n", error);
	return err ? explain(fs, name, dirfd, "", err, error) : 0;
}
