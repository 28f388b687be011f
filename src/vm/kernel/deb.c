// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading Debian packages: an ar archive that holds a compressed tar archive. apt has checked the
 * bytes against the signed index by then; member names are checked here all the same.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "vm/kernel/deb.h"

static void free_reader(struct archive **reader)
{
	archive_read_free(*reader);
}
#define auto_reader __attribute__((cleanup(free_reader)))

static void free_writer(struct archive **writer)
{
	archive_write_free(*writer);
}
#define auto_writer __attribute__((cleanup(free_writer)))

static bool put(char *target, size_t size, const char *folder, const char *name)
{
	return (size_t)snprintf(target, size, "%s%s", folder, name) < size;
}

bool deb_member_target(const char *member, char *target, size_t size)
{
	const char *name = text_behind(member, "./") ?: member;
	const char *rest;

	if (strstr(name, "..") || *name == '/')
		return false;
	rest = text_behind(name, "boot/");
	if (rest && text_behind(rest, "vmlinuz-"))
		return put(target, size, "", "vmlinuz");
	if (rest && text_behind(rest, "config-"))
		return put(target, size, "", "config");
	rest = text_behind(name, "usr/lib/modules/") ?: text_behind(name, "lib/modules/");
	rest = rest ? strchr(rest, '/') : NULL; /* the release */
	if (!rest)
		return false;
	rest++;
	if (!strcmp(rest, "vmlinuz") || !strcmp(rest, "config"))
		return put(target, size, "", rest);
	if (!strcmp(rest, "modules.order") || !strcmp(rest, "modules.builtin") ||
	    (text_behind(rest, "kernel/") && strstr(rest, ".ko")))
		return put(target, size, "modules/", rest);
	return false;
}

/* Feeds the bytes of one archive's current member to another archive. */
struct nested {
	struct archive *outer;
	char buffer[65536];
};

static la_ssize_t read_nested(struct archive *inner, void *arg, const void **ret_data)
{
	struct nested *nested = arg;
	la_ssize_t got = archive_read_data(nested->outer, nested->buffer, sizeof(nested->buffer));

	if (got < 0)
		archive_set_error(inner, EIO, "%s", archive_error_string(nested->outer));
	*ret_data = nested->buffer;
	return got;
}

static int unpack_members(struct archive *tar, const char *dir, const char *file,
			  struct ktstr_error *error)
{
	auto_writer struct archive *disk = archive_write_disk_new();
	struct archive_entry *entry;
	int status;

	if (!disk || archive_write_disk_set_options(disk, ARCHIVE_EXTRACT_SECURE_SYMLINKS |
								  ARCHIVE_EXTRACT_SECURE_NODOTDOT))
		return ktstr_error_set(error, -ENOMEM, "package '%s': no memory", file);
	while ((status = archive_read_next_header(tar, &entry)) == ARCHIVE_OK) {
		char target[PATH_MAX], path[PATH_MAX];

		if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
		    !deb_member_target(archive_entry_pathname(entry) ?: "", target, sizeof(target)))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, target) >= (int)sizeof(path))
			return ktstr_error_set(error, -ENAMETOOLONG,
					       "package '%s': '%s' is too long a name", file,
					       target);
		archive_entry_set_pathname(entry, path);
		archive_entry_set_perm(entry, 0644);
		if (archive_read_extract2(tar, entry, disk) < ARCHIVE_WARN)
			return ktstr_error_set(
				error, -EIO, "package '%s': unpack '%s': %s", file, target,
				archive_error_string(disk) ?: archive_error_string(tar));
	}
	if (status != ARCHIVE_EOF)
		return ktstr_error_set(error, -EBADMSG, "package '%s': %s", file,
				       archive_error_string(tar));
	return 0;
}

static int unpack_data(struct archive *ar, const char *dir, const char *file,
		       struct ktstr_error *error)
{
	auto_free struct nested *nested = calloc(1, sizeof(*nested));
	auto_reader struct archive *tar = archive_read_new();

	if (!nested || !tar)
		return ktstr_error_set(error, -ENOMEM, "package '%s': no memory", file);
	nested->outer = ar;
	archive_read_support_filter_gzip(tar);
	archive_read_support_filter_xz(tar);
	archive_read_support_filter_zstd(tar);
	archive_read_support_filter_bzip2(tar);
	archive_read_support_filter_lzma(tar);
	if (archive_read_support_format_tar(tar) ||
	    archive_read_open(tar, nested, NULL, read_nested, NULL))
		return ktstr_error_set(error, -EBADMSG, "package '%s': %s", file,
				       archive_error_string(tar));
	return unpack_members(tar, dir, file, error);
}

int deb_unpack(const char *file, const char *dir, struct ktstr_error *error)
{
	auto_reader struct archive *ar = archive_read_new();
	struct archive_entry *entry;

	if (!ar)
		return ktstr_error_set(error, -ENOMEM, "package '%s': no memory", file);
	if (archive_read_support_format_ar(ar) || archive_read_open_filename(ar, file, 65536))
		return ktstr_error_set(error, -EBADMSG, "package '%s': %s", file,
				       archive_error_string(ar));
	while (archive_read_next_header(ar, &entry) == ARCHIVE_OK)
		if (text_behind(archive_entry_pathname(entry) ?: "", "data.tar"))
			return unpack_data(ar, dir, file, error);
	return ktstr_error_set(error, -EBADMSG, "package '%s': no data in it: %s", file,
			       archive_error_string(ar) ?: "not a Debian package");
}
