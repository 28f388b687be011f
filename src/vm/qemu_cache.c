// SPDX-License-Identifier: GPL-2.0-only
/* One small file per QEMU, named by a hash of its path. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "vm/qemu_cache.h"

#define LIMIT_BYTES 8192
#define NAME_MAX_BYTES 64

static void auto_json_fn(json_t **json)
{
	json_decref(*json);
}
#define auto_json __attribute__((cleanup(auto_json_fn)))

/* NULL: no such file. */
static json_t *identity(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "path", path, "device",
			 (json_int_t)st.st_dev, "inode", (json_int_t)st.st_ino, "bytes",
			 (json_int_t)st.st_size, "mtime_s", (json_int_t)st.st_mtim.tv_sec,
			 "mtime_ns", (json_int_t)st.st_mtim.tv_nsec);
}

static const char *file_name(const char *path, char name[NAME_MAX_BYTES])
{
	snprintf(name, NAME_MAX_BYTES, "%016" PRIx64 ".json", hash_bytes(path, strlen(path), 0));
	return name;
}

bool qemu_cache_read(const char *path, struct qemu *ret_qemu)
{
	auto_json json_t *now = identity(path);
	auto_json json_t *known = NULL;
	auto_close int folder = -1;
	auto_free char *text = NULL;
	char name[NAME_MAX_BYTES];
	int major, minor;
	const char *qboot = NULL;

	if (!now || cache_dir_open(CACHE_DIR_QEMU, &folder, NULL, NULL) ||
	    file_read(folder, file_name(path, name), LIMIT_BYTES, &text, NULL, NULL))
		return false;
	known = json_loads(text, 0, NULL);
	if (!known || !json_equal(json_object_get(known, "file"), now) ||
	    json_unpack(known, "{s:i, s:i, s?s}", "major", &major, "minor", &minor, "qboot",
			&qboot) ||
	    major < 0 || minor < 0)
		return false;
	/* Another package brings it, and may have taken it away. */
	if (qboot && access(qboot, R_OK) < 0)
		return false;
	ret_qemu->major = (unsigned)major;
	ret_qemu->minor = (unsigned)minor;
	ret_qemu->has_qboot = qboot != NULL;
	return true;
}

static int write_whole(int folder, const char *name, const char *text)
{
	char temporary[NAME_MAX_BYTES + 16];
	int err;

	snprintf(temporary, sizeof(temporary), "%s.%d", name, getpid());
	auto_close int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
				   0644);
	if (fd < 0)
		return -errno;
	err = file_write_all(fd, text, strlen(text));
	if (!err && renameat(folder, temporary, folder, name) < 0)
		err = -errno;
	if (err)
		unlinkat(folder, temporary, 0);
	return err;
}

void qemu_cache_write(const char *path, const struct qemu *qemu, const char *qboot)
{
	json_t *file = identity(path);
	auto_json json_t *known =
		file ? json_pack("{s:o, s:i, s:i, s:s*}", "file", file, "major", (int)qemu->major,
				 "minor", (int)qemu->minor, "qboot", qboot)
		     : NULL;
	auto_free char *text = known ? json_dumps(known, JSON_INDENT(2)) : NULL;
	auto_close int folder = -1;
	char name[NAME_MAX_BYTES];
	int err;

	if (!text || cache_dir_open(CACHE_DIR_QEMU, &folder, NULL, NULL))
		return;
	err = write_whole(folder, file_name(path, name), text);
	(void)err; /* the next run asks again */
}
