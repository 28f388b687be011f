// SPDX-License-Identifier: GPL-2.0-only
/* The object behind real cgroups: where its parent lies, and access to a cgroup's files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cgroup/cgroupfs.h"
#include "cgroup/write_deadline.h"

/* The limits that the original tool works with (spec/scenario.md sections 10.5, 10.8, 10.12). */
#define WRITE_LIMIT_MS 2000
#define EMPTY_LIMIT_MS 1000
#define BUSY_PAUSE_MS 100

/* Files of this many bytes are read for messages and gates; longer ones are of no use there. */
#define CONTROL_FILE_MAX (64u << 10)

const char *errno_name(int err)
{
	const char *name = strerrorname_np(-err);

	return name ? name : "unknown error";
}

int cgroupfs_open(const struct cgroupfs *fs, const char *name, int *ret_dirfd,
		  struct ktstr_error *error)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", fs->parent, name) >= (int)sizeof(path))
		return ktstr_error_set(error, -ENAMETOOLONG,
				       "cgroup '%.64s...': the path is too long", name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return ktstr_error_set(error, -ENOENT, "cgroup '%s' does not exist below '%s'",
				       name, fs->parent);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "cgroup '%s': open '%s' (%s)", name, path,
				       errno_name(-errno));
	*ret_dirfd = fd;
	return 0;
}

int cgroupfs_open_root(const struct cgroupfs *fs, int *ret_fd, struct ktstr_error *error)
{
	const char *path = *fs->root ? fs->root : "/";
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ktstr_error_set(error, -errno, "walk root '%s' of the cgroups: open (%s)",
				       path, errno_name(-errno));
	*ret_fd = fd;
	return 0;
}

int cgroupfs_write(const struct cgroupfs *fs, const char *name, int dirfd, const char *file,
		   const char *text, struct ktstr_error *error)
{
	int err = fs->write_text(dirfd, file, text, fs->write_limit_ms);

	if (!err)
		return 0;
	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err,
				       "write '%s%s%s/%s': still blocked in the kernel after %ums",
				       fs->parent, *name ? "/" : "", name, file,
				       fs->write_limit_ms);
	return ktstr_error_set(error, err, "write '%s%s%s/%s' (%s)", fs->parent, *name ? "/" : "",
			       name, file, errno_name(err));
}

int cgroupfs_read(int dirfd, const char *file, char *buffer, size_t size)
{
	auto_free char *data = NULL;
	size_t length;
	int err = file_read(dirfd, file, CONTROL_FILE_MAX, &data, &length, NULL);

	if (err)
		return err;
	while (length && strchr(" \n", data[length - 1]))
		length--;
	snprintf(buffer, size, "%.*s", (int)length, data);
	for (char *at = buffer; (at = strchr(at, '\n'));)
		*at = ' ';
	return 0;
}

static void cgroupfs_free(struct ktstr_cgroups *cgroups)
{
	struct cgroupfs *fs = cgroupfs_of(cgroups);

	free(fs->root);
	free(fs->parent);
	free(fs);
}

static const struct cgroup_ops cgroupfs_ops = {
	.setup = cgroupfs_setup,
	.create = cgroupfs_create,
	.write_knob = cgroupfs_write_knob,
	.read_knob = cgroupfs_read_knob,
	.move_tasks = cgroupfs_move_tasks,
	.place_task = cgroupfs_place_task,
	.read_procs = cgroupfs_read_procs,
	.drain_tasks = cgroupfs_drain_tasks,
	.clear_subtree_control = cgroupfs_clear_subtree_control,
	.remove = cgroupfs_remove,
	.cleanup = cgroupfs_cleanup,
	.free = cgroupfs_free,
};

static bool has_dotdot(const char *path)
{
	for (const char *at = path; *at; at += strspn(at, "/")) {
		size_t length = strcspn(at, "/");

		if (length == 2 && !memcmp(at, "..", 2))
			return true;
		at += length;
	}
	return false;
}

/* A copy of path with single slashes and none at the end ("/" becomes ""). */
static char *tidy(const char *path)
{
	char *copy = malloc(strlen(path) + 1), *to = copy;

	if (!copy)
		return NULL;
	for (const char *at = path; *at; at++)
		if (*at != '/' || (at[1] && at[1] != '/'))
			*to++ = *at;
	*to = '\0';
	return copy;
}

static int check_path(const char *what, const char *path, struct ktstr_error *error)
{
	if (*path != '/')
		return ktstr_error_set(error, -EINVAL, "%s '%s' of the cgroups: must be absolute",
				       what, path);
	if (has_dotdot(path))
		return ktstr_error_set(error, -EINVAL,
				       "%s '%s' of the cgroups: must not contain '..'", what, path);
	return 0;
}

int ktstr_cgroups_new(const char *parent, const char *walk_root, struct ktstr_cgroups **ret_cgroups,
		      struct ktstr_error *error)
{
	struct cgroupfs *fs;
	size_t length;
	int err;

	parent = parent ? parent : KTSTR_CGROUP_PARENT;
	walk_root = walk_root ? walk_root : KTSTR_CGROUP_ROOT;
	err = check_path("parent", parent, error);
	if (!err)
		err = check_path("walk root", walk_root, error);
	if (err)
		return err;
	fs = calloc(1, sizeof(*fs));
	if (fs) {
		fs->parent = tidy(parent);
		fs->root = tidy(walk_root);
	}
	if (!fs || !fs->parent || !fs->root) {
		if (fs)
			cgroupfs_free(&fs->base);
		return ktstr_error_set(error, -ENOMEM, "no memory for the cgroups below '%s'",
				       parent);
	}
	length = strlen(fs->root);
	if (strncmp(fs->parent, fs->root, length) ||
	    (fs->parent[length] && fs->parent[length] != '/')) {
		cgroupfs_free(&fs->base);
		return ktstr_error_set(
			error, -EINVAL,
			"parent '%s' of the cgroups does not lie below the walk root '%s'", parent,
			walk_root);
	}
	fs->base.ops = &cgroupfs_ops;
	fs->below = fs->parent + length + (fs->parent[length] == '/');
	fs->write_text = write_deadline;
	fs->write_limit_ms = WRITE_LIMIT_MS;
	fs->empty_limit_ms = EMPTY_LIMIT_MS;
	fs->busy_pause_ms = BUSY_PAUSE_MS;
	*ret_cgroups = &fs->base;
	return 0;
}
