// SPDX-License-Identifier: GPL-2.0-only
/* Making and removing files and folders relative to a folder's descriptor. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/tree.h"

#define DEPTH_MAX 32 /* kernel/drivers/... of a module tree goes 10 deep */

int tree_write(int dirfd, const char *path, const void *data, size_t size,
	       struct ktstr_error *error)
{
	auto_close int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int err;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "create '%s': %s", path, strerror(errno));
	err = file_write_all(fd, data, size);
	if (!err && fsync(fd))
		err = -errno;
	if (err)
		return ktstr_error_set(error, err, "write %zu bytes to '%s': %s", size, path,
				       strerror(-err));
	return 0;
}

int tree_make(int dirfd, const char *path, struct ktstr_error *error)
{
	char part[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return ktstr_error_set(error, -ENAMETOOLONG, "path of %zu bytes is too long",
				       length);
	for (size_t end = 1; end <= length; end++) {
		if (path[end] && path[end] != '/')
			continue;
		memcpy(part, path, end);
		part[end] = '\0';
		if (mkdirat(dirfd, part, 0755) && errno != EEXIST)
			return ktstr_error_set(error, -errno, "make folder '%s': %s", part,
					       strerror(errno));
	}
	return 0;
}

int tree_open(int dirfd, const char *path, int *ret_fd, struct ktstr_error *error)
{
	int err = tree_make(dirfd, path, error);
	int fd;

	if (err)
		return err;
	fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "open folder '%s': %s", path,
				       strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int remove_below(int parent, const char *path, unsigned depth)
{
	auto_close int fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *member;
	int err = 0;

	if (!dir)
		return -errno;
	take_fd(&fd); /* the stream closes it */
	while (!err && (errno = 0, member = readdir(dir))) {
		if (!strcmp(member->d_name, ".") || !strcmp(member->d_name, ".."))
			continue;
		if (!unlinkat(dirfd(dir), member->d_name, 0))
			continue;
		if (errno != EISDIR && errno != EPERM)
			return -errno;
		err = depth < DEPTH_MAX ? remove_below(dirfd(dir), member->d_name, depth + 1)
					: -ELOOP;
	}
	if (err || errno)
		return err ?: -errno;
	return unlinkat(parent, path, AT_REMOVEDIR) ? -errno : 0;
}

int tree_remove(int dirfd, const char *path, struct ktstr_error *error)
{
	int err = remove_below(dirfd, path, 0);

	if (err == -ENOTDIR || err == -ELOOP)
		err = unlinkat(dirfd, path, 0) ? -errno : 0;
	if (err && err != -ENOENT)
		return ktstr_error_set(error, err, "remove '%s': %s", path, strerror(-err));
	return 0;
}
