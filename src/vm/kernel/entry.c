// SPDX-License-Identifier: GPL-2.0-only
/*
 * An entry of the store as a struct and as meta.json. One table names the files of an entry, for
 * writing, for reading back and for checking.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/tree.h"
#include "vm/kernel/entry.h"
#include "vm/kernel/modinfo.h"

#define META_FORMAT 1 /* raised when an older ktstr would misread an entry */
#define META_LIMIT_BYTES 65536
#define TRIES_MAX 100 /* each means that another process has replaced the entry meanwhile */

static const struct {
	const char *name;
	size_t member;
} entry_files[] = {
	{ "vmlinuz", offsetof(struct kernel_entry, vmlinuz) },
	{ "vmlinux", offsetof(struct kernel_entry, vmlinux) },
	{ "config", offsetof(struct kernel_entry, config) },
	{ "btf", offsetof(struct kernel_entry, btf) },
};

static const struct {
	const char *name;
	size_t member;
} source_fields[] = {
	{ "suite", offsetof(struct kernel_entry, suite) },
	{ "package", offsetof(struct kernel_entry, package) },
	{ "package_version", offsetof(struct kernel_entry, package_version) },
	{ "path", offsetof(struct kernel_entry, path) },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char **text_member(const struct kernel_entry *entry, size_t offset)
{
	return (char **)((char *)(uintptr_t)entry + offset);
}

static void json_release(json_t **json)
{
	json_decref(*json);
}
#define auto_json __attribute__((cleanup(json_release)))

void kernel_entry_free(struct kernel_entry *entry)
{
	if (!entry)
		return;
	for (size_t i = 0; i < COUNT(entry_files); i++)
		free(*text_member(entry, entry_files[i].member));
	for (size_t i = 0; i < COUNT(source_fields); i++)
		free(*text_member(entry, source_fields[i].member));
	module_set_release(&entry->modules);
	free(entry->ref);
	free(entry->release);
	free(entry->dir);
	free(entry->boot);
	free(entry->modules_dir);
	free(entry->created);
	free(entry);
}

static int add_file_size(int dirfd, const char *name, json_t *files, struct ktstr_error *error)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return ktstr_error_set(error, -errno, "'%s': %s", name, strerror(errno));
	if (json_object_set_new(files, name, json_integer(st.st_size)))
		return ktstr_error_set(error, -ENOMEM, "meta.json: no memory");
	return 0;
}

int kernel_entry_write(int dirfd, const struct kernel_entry *entry, struct ktstr_error *error)
{
	json_t *files = json_object(), *modules = json_array(), *source = json_object();
	auto_json json_t *meta = json_pack(
		"{s:i, s:s, s:s, s:s, s:s, s:o, s:{s:b, s:b, s:s}, s:o, s:I, s:o}", "format",
		META_FORMAT, "ref", entry->ref, "release", entry->release, "created",
		entry->created, "build_id", entry->build_id, "source", source, "sched_ext",
		"compiled_in", entry->sched_ext.compiled_in, "usable", entry->sched_ext.usable,
		"reason", entry->sched_ext.reason, "modules", modules, "boot_modules",
		(json_int_t)entry->modules.boot_count, "files", files);
	auto_free char *text = NULL;
	int err = 0;

	if (!meta)
		return ktstr_error_set(error, -ENOMEM, "meta.json: no memory");
	for (size_t i = 0; i < COUNT(source_fields); i++) {
		const char *value = *text_member(entry, source_fields[i].member);

		/* A path need not be UTF-8; then the entry just does not say where it came from. */
		if (value)
			json_object_set_new(source, source_fields[i].name, json_string(value));
	}
	for (size_t i = 0; !err && i < COUNT(entry_files); i++)
		if (*text_member(entry, entry_files[i].member))
			err = add_file_size(dirfd, entry_files[i].name, files, error);
	for (size_t i = 0; !err && i < entry->modules.count; i++) {
		char path[sizeof("modules/.ko") + MODULE_NAME_MAX];

		snprintf(path, sizeof(path), "modules/%s.ko", entry->modules.names[i]);
		err = add_file_size(dirfd, path, files, error);
		if (!err && json_array_append_new(modules, json_string(entry->modules.names[i])))
			err = ktstr_error_set(error, -ENOMEM, "meta.json: no memory");
	}
	if (err)
		return err;
	text = json_dumps(meta, JSON_INDENT(2));
	if (!text)
		return ktstr_error_set(error, -ENOMEM, "meta.json: no memory");
	return tree_write(dirfd, "meta.json", text, strlen(text), error);
}

static int check_files(int dirfd, const json_t *files, struct ktstr_error *error)
{
	const char *name;
	json_t *size;

	json_object_foreach((json_t *)(uintptr_t)files, name, size)
	{
		struct stat st;

		if (!json_is_integer(size) || strstr(name, "..") || *name == '/')
			return ktstr_error_set(error, -EBADMSG, "meta.json lists '%s' wrongly",
					       name);
		if (fstatat(dirfd, name, &st, 0))
			return ktstr_error_set(error, -EBADMSG, "'%s': %s", name, strerror(errno));
		if (st.st_size != json_integer_value(size))
			return ktstr_error_set(error, -EBADMSG,
					       "'%s' has %lld bytes, meta.json says %lld", name,
					       (long long)st.st_size,
					       (long long)json_integer_value(size));
	}
	return 0;
}

static char *copy_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? strdup(text) : NULL;
}

static char *join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

static int read_modules(const json_t *meta, struct kernel_entry *entry)
{
	const json_t *names = json_object_get(meta, "modules");
	json_int_t boot_count = json_integer_value(json_object_get(meta, "boot_modules"));
	size_t count = json_array_size(names);

	if (!count)
		return 0;
	if (boot_count < 0 || (size_t)boot_count > count)
		return -EBADMSG;
	entry->modules.boot_count = (size_t)boot_count;
	entry->modules.names = calloc(count, sizeof(*entry->modules.names));
	entry->modules_dir = join(entry->dir, "modules");
	if (!entry->modules.names || !entry->modules_dir)
		return -ENOMEM;
	for (; entry->modules.count < count; entry->modules.count++) {
		const char *name = json_string_value(json_array_get(names, entry->modules.count));

		if (!name)
			return -EBADMSG;
		entry->modules.names[entry->modules.count] = strdup(name);
		if (!entry->modules.names[entry->modules.count])
			return -ENOMEM;
	}
	return 0;
}

static int fill(const json_t *meta, const char *dir, struct kernel_entry *entry)
{
	const json_t *files = json_object_get(meta, "files");
	const json_t *source = json_object_get(meta, "source");
	const json_t *sched_ext = json_object_get(meta, "sched_ext");
	const char *reason = json_string_value(json_object_get(sched_ext, "reason"));
	const char *build_id = json_string_value(json_object_get(meta, "build_id"));
	const char *boot;

	entry->dir = strdup(dir);
	entry->ref = copy_text(meta, "ref");
	entry->release = copy_text(meta, "release");
	entry->created = copy_text(meta, "created");
	if (!entry->dir || !entry->ref || !entry->release || !entry->created || !reason ||
	    !build_id)
		return -EBADMSG;
	for (size_t i = 0; i < COUNT(entry_files); i++)
		if (json_object_get(files, entry_files[i].name)) {
			char *path = join(dir, entry_files[i].name);

			if (!path)
				return -ENOMEM;
			*text_member(entry, entry_files[i].member) = path;
		}
	for (size_t i = 0; i < COUNT(source_fields); i++)
		*text_member(entry, source_fields[i].member) = copy_text(source,
									 source_fields[i].name);
	boot = entry->vmlinux ?: entry->vmlinuz;
	if (!boot)
		return -EBADMSG;
	entry->boot = strdup(boot);
	snprintf(entry->build_id, sizeof(entry->build_id), "%s", build_id);
	snprintf(entry->sched_ext.reason, sizeof(entry->sched_ext.reason), "%s", reason);
	entry->sched_ext.compiled_in = json_is_true(json_object_get(sched_ext, "compiled_in"));
	entry->sched_ext.usable = json_is_true(json_object_get(sched_ext, "usable"));
	return entry->boot ? read_modules(meta, entry) : -ENOMEM;
}

static int read_folder(int dirfd, const char *dir, struct kernel_entry **ret_entry,
		       struct ktstr_error *error)
{
	auto_kernel_entry struct kernel_entry *entry = calloc(1, sizeof(*entry));
	auto_free char *text = NULL;
	auto_json json_t *meta = NULL;
	json_error_t json_error;
	size_t size;
	int err;

	if (!entry)
		return ktstr_error_set(error, -ENOMEM, "no memory for a kernel entry");
	err = file_read(dirfd, "meta.json", META_LIMIT_BYTES, &text, &size, error);
	if (err)
		return -EBADMSG; /* the folder is there: without this file it is a damaged entry */
	meta = json_loadb(text, size, 0, &json_error);
	if (!meta)
		return ktstr_error_set(error, -EBADMSG, "meta.json, line %d: %s", json_error.line,
				       json_error.text);
	if (json_integer_value(json_object_get(meta, "format")) != META_FORMAT)
		return ktstr_error_set(
			error, -EBADMSG, "meta.json is of format %lld, this ktstr reads %d",
			(long long)json_integer_value(json_object_get(meta, "format")),
			META_FORMAT);
	err = check_files(dirfd, json_object_get(meta, "files"), error);
	if (err)
		return err;
	err = fill(meta, dir, entry);
	if (err)
		return ktstr_error_set(error, err, "meta.json: %s",
				       err == -ENOMEM ? "no memory" : "a field is missing");
	*ret_entry = take_pointer(entry);
	return 0;
}

static bool is_still(int root, const char *name, int dirfd)
{
	struct stat opened, now;

	return !fstat(dirfd, &opened) && !fstatat(root, name, &now, 0) &&
	       opened.st_ino == now.st_ino && opened.st_dev == now.st_dev;
}

int kernel_entry_read(int root, const char *root_path, const char *name,
		      struct kernel_entry **ret_entry, struct ktstr_error *error)
{
	auto_free char *path = join(root_path, name);

	if (!path)
		return ktstr_error_set(error, -ENOMEM, "no memory for a kernel entry");
	for (unsigned tries = 0;; tries++) {
		auto_close int dirfd = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int err;

		if (dirfd < 0)
			return ktstr_error_set(error, -errno, "open '%s': %s", path,
					       strerror(errno));
		err = read_folder(dirfd, path, ret_entry, error);
		if (err != -EBADMSG || tries == TRIES_MAX || is_still(root, name, dirfd))
			return err;
	}
}
