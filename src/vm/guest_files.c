// SPDX-License-Identifier: GPL-2.0-only
/* The list of files for a guest, and what tells two contents apart. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "vm/guest_files.h"

void guest_files_release(struct guest_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].host_path);
		free(files->items[i].guest_path);
	}
	free(files->items);
	*files = (struct guest_files){ 0 };
}

const struct guest_file *guest_files_find(const struct guest_files *files, const char *guest_path)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].guest_path, guest_path) == 0)
			return &files->items[i];
	return NULL;
}

const struct guest_file *guest_files_find_content(const struct guest_files *files,
						  const struct guest_file *like)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->items[i].size == like->size && files->items[i].hash == like->hash &&
		    files->items[i].mode == like->mode)
			return &files->items[i];
	return NULL;
}

static bool path_is_clean(const char *path)
{
	if (path[0] != '/')
		return false;
	while (*path == '/') {
		size_t length = strcspn(path + 1, "/");

		if (length == 0 || (length == 1 && path[1] == '.') ||
		    (length == 2 && path[1] == '.' && path[2] == '.'))
			return false;
		path += 1 + length;
	}
	return true;
}

static bool same_file(const struct stat *a, const char *b_path)
{
	struct stat b;

	return stat(b_path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

int guest_files_add(struct guest_files *files, const char *host_path, const char *guest_path,
		    struct ktstr_error *error)
{
	const struct guest_file *there = guest_files_find(files, guest_path);
	struct guest_file *items;
	struct stat st;

	if (!path_is_clean(guest_path))
		return ktstr_error_set(error, -EINVAL,
				       "file '%s': guest path '%s' is not absolute and plain",
				       host_path, guest_path);
	if (stat(host_path, &st) < 0)
		return ktstr_error_set(error, -errno, "file '%s': %s", host_path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ktstr_error_set(error, -EINVAL, "file '%s': not a regular file", host_path);
	if (st.st_size > GUEST_FILE_MAX)
		return ktstr_error_set(error, -EFBIG, "file '%s': %lld bytes, a guest takes %u",
				       host_path, (long long)st.st_size, GUEST_FILE_MAX);
	if (there && same_file(&st, there->host_path))
		return 0;
	if (there)
		return ktstr_error_set(error, -EEXIST,
				       "guest file '%s' is wanted from '%s' and from '%s'",
				       guest_path, there->host_path, host_path);

	items = realloc(files->items, (files->count + 1) * sizeof(*items));
	if (!items)
		return ktstr_error_set(error, -ENOMEM, "file '%s': no memory", host_path);
	files->items = items;
	auto_free char *host = strdup(host_path);
	auto_free char *guest = strdup(guest_path);
	if (!host || !guest)
		return ktstr_error_set(error, -ENOMEM, "file '%s': no memory", host_path);
	items[files->count++] = (struct guest_file){
		.host_path = take_pointer(host),
		.guest_path = take_pointer(guest),
		.mode = st.st_mode & 0777,
	};
	return 0;
}

int guest_file_load(struct guest_file *file, char **ret_data, struct ktstr_error *error)
{
	size_t size;
	int err = file_read(AT_FDCWD, file->host_path, GUEST_FILE_MAX, ret_data, &size, error);

	if (err)
		return err;
	file->size = size;
	file->hash = hash_bytes(*ret_data, size, 0);
	return 0;
}
