// SPDX-License-Identifier: GPL-2.0-only
/* Storing files that the host sends. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "guest/fields.h"
#include "guest/files.h"

#define TEMPORARY_SUFFIX ".ktstr-part"
/* What the kernel and the test keep for themselves: files live in the guest's memory. */
#define RESERVED_BYTES (UINT64_C(32) << 20)

void file_receiver_init(struct file_receiver *receiver)
{
	*receiver = (struct file_receiver){ .fd = -1 };
}

static void forget_file(struct file_receiver *receiver)
{
	if (receiver->fd >= 0)
		close(receiver->fd);
	if (receiver->fd >= 0 && receiver->temporary)
		unlink(receiver->temporary);
	free(receiver->path);
	free(receiver->temporary);
	receiver->fd = -1;
	receiver->path = receiver->temporary = NULL;
}

void file_receiver_release(struct file_receiver *receiver)
{
	forget_file(receiver);
	receiver->left_bytes = 0;
}

static int check_path(const char *path, struct ktstr_error *error)
{
	const char *at = path;

	if (*path != '/' || path[strlen(path) - 1] == '/')
		return ktstr_error_set(error, -EINVAL, "file '%s': not an absolute path of a file",
				       path);
	while ((at = strstr(at, "/.."))) {
		at += 3;
		if (*at == '/' || !*at)
			return ktstr_error_set(error, -EINVAL, "file '%s': '..' is not allowed",
					       path);
	}
	return 0;
}

static int check_room(const char *path, uint64_t size, struct ktstr_error *error)
{
	struct sysinfo info;
	uint64_t free_bytes, room_bytes;

	sysinfo(&info);
	free_bytes = (uint64_t)info.freeram * info.mem_unit;
	room_bytes = free_bytes > RESERVED_BYTES ? free_bytes - RESERVED_BYTES : 0;
	if (size > room_bytes)
		return ktstr_error_set(error, -ENOSPC,
				       "file '%s': %" PRIu64
				       " bytes, but the guest has room for %" PRIu64
				       "; give the test more .memory_mib",
				       path, size, room_bytes);
	return 0;
}

static int make_folders(char *path, struct ktstr_error *error)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int failed;

		*slash = '\0';
		failed = mkdir(path, 0755) && errno != EEXIST ? errno : 0;
		if (failed)
			ktstr_error_set(error, -failed, "create folder '%s': %s", path,
					strerror(failed));
		*slash = '/';
		if (failed)
			return -failed;
	}
	return 0;
}

static int open_file(struct file_receiver *receiver, const char *path, uint64_t size,
		     struct ktstr_error *error)
{
	int err = check_path(path, error);

	if (!err)
		err = check_room(path, size, error);
	if (err)
		return err;
	receiver->path = strdup(path);
	if (!receiver->path || asprintf(&receiver->temporary, "%s" TEMPORARY_SUFFIX, path) < 0) {
		receiver->temporary = NULL;
		return ktstr_error_set(error, -ENOMEM, "file '%s': no memory", path);
	}
	err = make_folders(receiver->path, error);
	if (err)
		return err;
	receiver->fd = open(receiver->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (receiver->fd < 0)
		return ktstr_error_set(error, -errno, "create '%s': %s", receiver->temporary,
				       strerror(errno));
	return 0;
}

static int finish(struct file_receiver *receiver, enum file_progress *ret_progress,
		  struct ktstr_error *error)
{
	int failed;

	if (receiver->fd < 0) {
		*ret_progress = FILE_DROPPED;
		return 0;
	}
	failed = fchmod(receiver->fd, receiver->mode) ? errno : 0;
	/* Closed before it is run: executing a file that is open for writing is ETXTBSY. */
	if (close(receiver->fd) && !failed)
		failed = errno;
	receiver->fd = -1;
	if (!failed && rename(receiver->temporary, receiver->path))
		failed = errno;
	if (failed) {
		unlink(receiver->temporary);
		ktstr_error_set(error, -failed, "complete '%s': %s", receiver->path,
				strerror(failed));
	} else {
		*ret_progress = FILE_STORED;
	}
	forget_file(receiver);
	return -failed;
}

static int parse(const json_t *message, json_int_t *id, const char **path, json_int_t *mode,
		 json_int_t *size, struct ktstr_error *error)
{
	int err = field_integer(message, "id", id, error);

	/* The size before what may be wrong with the rest: the bytes come all the same. */
	if (!err)
		err = field_integer(message, "size", size, error);
	if (!err && *size < 0) {
		*size = 0;
		err = ktstr_error_set(error, -EBADMSG, "'size' is negative");
	}
	if (!err)
		err = field_string(message, "path", path, error);
	if (!err)
		err = field_integer(message, "mode", mode, error);
	return err ? ktstr_error_wrap(error, err, "message FILE") : 0;
}

int file_receiver_begin(struct file_receiver *receiver, const json_t *message,
			enum file_progress *ret_progress, struct ktstr_error *error)
{
	json_int_t size = 0, mode = 0;
	const char *path = NULL;
	int err;

	file_receiver_release(receiver);
	receiver->id = 0;
	err = parse(message, &receiver->id, &path, &mode, &size, error);
	receiver->left_bytes = (uint64_t)size;
	if (err)
		return err;
	receiver->mode = (mode_t)mode & 0777;
	err = open_file(receiver, path, (uint64_t)size, error);
	if (err) {
		forget_file(receiver);
		return err;
	}
	*ret_progress = FILE_INCOMPLETE;
	return size ? 0 : finish(receiver, ret_progress, error);
}

int file_receiver_data(struct file_receiver *receiver, const void *data, size_t size,
		       enum file_progress *ret_progress, struct ktstr_error *error)
{
	int err = 0;

	if (size > receiver->left_bytes)
		return ktstr_error_set(error, -EMSGSIZE,
				       "message FILE_DATA: %zu bytes where %" PRIu64 " were due",
				       size, receiver->left_bytes);
	receiver->left_bytes -= size;
	if (receiver->fd >= 0 && size) {
		err = file_write_all(receiver->fd, data, size);
		if (err) {
			ktstr_error_set(error, err, "write '%s': %s", receiver->temporary,
					strerror(-err));
			forget_file(receiver);
			return err;
		}
	}
	*ret_progress = FILE_INCOMPLETE;
	return receiver->left_bytes ? 0 : finish(receiver, ret_progress, error);
}

static int link_to(const char *target, char *path, struct ktstr_error *error)
{
	int err = check_path(path, error);

	if (!err)
		err = check_path(target, error);
	if (!err)
		err = make_folders(path, error);
	if (err)
		return err;
	/* A symbolic one would resolve anywhere, but a program finds $ORIGIN by its own name. */
	if (!link(target, path) || (errno == EXDEV && !symlink(target, path)))
		return 0;
	return ktstr_error_set(error, -errno, "link '%s' to '%s': %s", path, target,
			       strerror(errno));
}

int file_link(const json_t *message, json_int_t *ret_id, struct ktstr_error *error)
{
	const char *path = NULL, *target = NULL;
	int err = field_integer(message, "id", ret_id, error);

	if (!err)
		err = field_string(message, "path", &path, error);
	if (!err)
		err = field_string(message, "target", &target, error);
	if (err)
		return ktstr_error_wrap(error, err, "message LINK");
	auto_free char *copy = strdup(path);
	if (!copy)
		return ktstr_error_set(error, -ENOMEM, "file '%s': no memory", path);
	return link_to(target, copy, error);
}
