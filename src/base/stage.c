// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building out of sight and publishing by rename. Who is alive is told by a lock on the stage's
 * own folder, not by the pid in its name: a lock ends with its process, a pid comes back.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/stage.h"
#include "base/tree.h"

#define STAGE_PREFIX ".stage-"
#define LOCK_NAME ".lock"

/* The lock covers a few renames and the removal of dead stages (100 MB: well under 1 s). */
#define LOCK_DEADLINE_MS 30000

struct stage {
	int root;
	int fd;
	char name[sizeof(STAGE_PREFIX "2147483647-255")];
};

/* The folder's path, for errors: leaves errno alone. */
static const char *path_of(int fd, char path[PATH_MAX])
{
	char link[sizeof("/proc/self/fd/2147483647")];
	int saved = errno;
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
	errno = saved;
	return path;
}

static int lock_root(int root, const char *purpose, int *ret_fd, struct ktstr_error *error)
{
	char path[PATH_MAX];
	int err = lock_take(root, LOCK_NAME, purpose, clock_deadline_ms(LOCK_DEADLINE_MS), ret_fd,
			    error);

	return err ? ktstr_error_wrap(error, err, "'%s'", path_of(root, path)) : 0;
}

/* Only with the lock held: a stage is made and locked under it, so an unlocked one is dead. */
static int sweep_dead(int root, struct ktstr_error *error)
{
	auto_close int list = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = list < 0 ? NULL : fdopendir(list);
	struct dirent *member;
	char path[PATH_MAX];

	if (!dir)
		return ktstr_error_set(error, -errno, "list '%s': %s", path_of(root, path),
				       strerror(errno));
	take_fd(&list); /* the stream closes it */
	while ((member = readdir(dir))) {
		auto_close int fd = -1;
		int err;

		if (strncmp(member->d_name, STAGE_PREFIX, strlen(STAGE_PREFIX)))
			continue;
		fd = openat(root, member->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
			continue;
		err = tree_remove(root, member->d_name, error);
		if (err)
			return err;
	}
	return 0;
}

int stage_open(int root, struct stage **ret_stage, struct ktstr_error *error)
{
	auto_stage struct stage *stage = calloc(1, sizeof(*stage));
	auto_close int lock = -1;
	char path[PATH_MAX];
	int err;

	if (!stage)
		return ktstr_error_set(error, -ENOMEM, "no memory for a new entry");
	stage->root = root;
	stage->fd = -1;
	err = lock_root(root, "starting a new entry", &lock, error);
	if (err)
		return err;
	err = sweep_dead(root, error);
	if (err)
		return err;
	/* The number tells stages of one process apart. */
	for (unsigned i = 0; i < 256; i++) {
		snprintf(stage->name, sizeof(stage->name), STAGE_PREFIX "%d-%u", getpid(), i);
		err = mkdirat(root, stage->name, 0755) ? -errno : 0;
		if (err != -EEXIST)
			break;
	}
	if (err) {
		ktstr_error_set(error, err, "make '%s' in '%s': %s", stage->name,
				path_of(root, path), strerror(-err));
		*stage->name = '\0'; /* not ours to remove */
		return err;
	}
	stage->fd = openat(root, stage->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (stage->fd < 0 || flock(stage->fd, LOCK_EX | LOCK_NB))
		return ktstr_error_set(error, -errno, "open '%s' in '%s': %s", stage->name,
				       path_of(root, path), strerror(errno));
	*ret_stage = take_pointer(stage);
	return 0;
}

int stage_fd(const struct stage *stage)
{
	return stage->fd;
}

const char *stage_name(const struct stage *stage)
{
	return stage->name;
}

/* fsync of each folder: the files were synced when they were written. */
static int sync_folders(int parent, const char *path)
{
	auto_close int fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	auto_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *member;

	if (!dir)
		return errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	take_fd(&copy);
	while ((member = readdir(dir))) {
		int err;

		if (!strcmp(member->d_name, ".") || !strcmp(member->d_name, ".."))
			continue;
		err = sync_folders(fd, member->d_name);
		if (err)
			return err;
	}
	return fsync(fd) ? -errno : 0;
}

static int publish(struct stage *stage, const char *ref, struct ktstr_error *error)
{
	auto_close int lock = -1;
	char path[PATH_MAX];
	int err = lock_root(stage->root, ref, &lock, error);

	if (err)
		return err;
	err = sync_folders(stage->root, stage->name);
	if (!err && renameat2(stage->root, stage->name, stage->root, ref, RENAME_NOREPLACE))
		err = -errno;
	if (!err) {
		*stage->name = '\0'; /* nothing left to remove */
	} else if (err == -EEXIST) {
		/* Readers see the old entry or the new one; the old one leaves with the stage. */
		err = renameat2(stage->root, stage->name, stage->root, ref, RENAME_EXCHANGE)
			      ? -errno
			      : 0;
	}
	if (!err && fsync(stage->root))
		err = -errno;
	if (err)
		return ktstr_error_set(error, err, "put '%s' into '%s': %s", ref,
				       path_of(stage->root, path), strerror(-err));
	return 0;
}

int stage_publish(struct stage **stage, const char *ref, struct ktstr_error *error)
{
	auto_stage struct stage *used_up = take_pointer(*stage);

	return publish(used_up, ref, error);
}

int stage_retire(int root, const char *ref, struct ktstr_error *error)
{
	auto_stage struct stage *stage = NULL;
	auto_close int lock = -1;
	char path[PATH_MAX];
	int err = stage_open(root, &stage, error);

	if (err)
		return err;
	err = lock_root(root, ref, &lock, error);
	if (err)
		return err;
	if (renameat(root, ref, stage->fd, "retired") || fsync(root))
		return ktstr_error_set(error, -errno, "take '%s' out of '%s': %s", ref,
				       path_of(root, path), strerror(errno));
	return 0;
}

void stage_free(struct stage *stage)
{
	int err = 0;

	if (!stage)
		return;
	if (*stage->name)
		err = tree_remove(stage->root, stage->name, NULL);
	(void)err; /* what could not be removed is a dead stage now: the next one sweeps it */
	if (stage->fd >= 0)
		close(stage->fd);
	free(stage);
}
