// SPDX-License-Identifier: GPL-2.0-only
/* Write the guest's first files as the archive that the kernel unpacks. Uncompressed: the guest
 * would spend more time on unpacking than the host on reading. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "vm/initramfs.h"

struct initramfs {
	int fd;
	struct guest_files files;
};

void initramfs_free(struct initramfs *initramfs)
{
	if (!initramfs)
		return;
	if (initramfs->fd >= 0)
		close(initramfs->fd);
	guest_files_release(&initramfs->files);
	free(initramfs);
}

static void auto_initramfs_fn(struct initramfs **initramfs)
{
	initramfs_free(*initramfs);
}
#define auto_initramfs __attribute__((cleanup(auto_initramfs_fn)))

static void auto_archive_fn(struct archive **archive)
{
	archive_write_free(*archive);
}
#define auto_archive __attribute__((cleanup(auto_archive_fn)))

static void auto_entry_fn(struct archive_entry **entry)
{
	archive_entry_free(*entry);
}
#define auto_entry __attribute__((cleanup(auto_entry_fn)))

int initramfs_fd(const struct initramfs *initramfs)
{
	return initramfs->fd;
}

const struct guest_files *initramfs_files(const struct initramfs *initramfs)
{
	return &initramfs->files;
}

static int archive_failed(struct archive *archive, struct ktstr_error *error)
{
	int err = archive_errno(archive);

	return ktstr_error_set(error, err > 0 ? -err : -EIO, "write initramfs: %s",
			       archive_error_string(archive));
}

/* data NULL: no content. path without the leading slash, as in archives. */
static int write_entry(struct archive *archive, const char *path, mode_t mode, dev_t device,
		       const char *data, size_t size, struct ktstr_error *error)
{
	auto_entry struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return ktstr_error_set(error, -ENOMEM, "write initramfs: no memory");
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_nlink(entry, S_ISDIR(mode) ? 2 : 1);
	archive_entry_set_size(entry, data ? (la_int64_t)size : 0);
	if (S_ISCHR(mode))
		archive_entry_set_rdev(entry, device);
	if (archive_write_header(archive, entry) != ARCHIVE_OK)
		return archive_failed(archive, error);
	if (data && size && archive_write_data(archive, data, size) != (la_ssize_t)size)
		return archive_failed(archive, error);
	return 0;
}

/* Folders on the way to file number index that no earlier file has needed. */
static int write_parents(struct archive *archive, const struct guest_files *files, size_t index,
			 struct ktstr_error *error)
{
	const char *path = files->items[index].guest_path;

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t length = (size_t)(slash - path) + 1;
		bool known = strncmp("/dev/", path, length) == 0;
		char *folder;
		int err;

		for (size_t i = 0; i < index && !known; i++)
			known = strncmp(files->items[i].guest_path, path, length) == 0;
		if (known)
			continue;
		folder = strndup(path + 1, length - 2);
		err = folder ? write_entry(archive, folder, S_IFDIR | 0755, 0, NULL, 0, error)
			     : ktstr_error_set(error, -ENOMEM, "write initramfs: no memory");
		free(folder);
		if (err)
			return err;
	}
	return 0;
}

static int write_files(struct archive *archive, struct guest_files *files,
		       struct ktstr_error *error)
{
	/* The kernel opens init's standard streams before devtmpfs can be mounted. */
	int err = write_entry(archive, "dev", S_IFDIR | 0755, 0, NULL, 0, error);

	if (!err)
		err = write_entry(archive, "dev/console", S_IFCHR | 0600, makedev(5, 1), NULL, 0,
				  error);
	for (size_t i = 0; !err && i < files->count; i++) {
		struct guest_file *file = &files->items[i];
		auto_free char *data = NULL;

		err = guest_file_load(file, &data, error);
		if (!err)
			err = write_parents(archive, files, i, error);
		if (!err)
			err = write_entry(archive, file->guest_path + 1, S_IFREG | file->mode, 0,
					  data, file->size, error);
	}
	return err;
}

int initramfs_build(const struct initramfs_config *config, struct initramfs **ret_initramfs,
		    struct ktstr_error *error)
{
	auto_initramfs struct initramfs *initramfs = calloc(1, sizeof(*initramfs));
	int err;

	if (!initramfs)
		return ktstr_error_set(error, -ENOMEM, "initramfs: no memory");
	initramfs->fd = memfd_create("ktstr-initramfs", MFD_CLOEXEC);
	if (initramfs->fd < 0)
		return ktstr_error_set(error, -errno, "initramfs: memfd_create: %s",
				       strerror(errno));
	err = guest_files_add_program(&initramfs->files, config->agent, "/init", error);
	if (err)
		return ktstr_error_wrap(error, err, "guest agent");
	if (config->library) {
		err = guest_files_add_program(&initramfs->files, config->library, INITRAMFS_LIBRARY,
					      error);
		if (err)
			return err;
	}
	if (config->busybox) {
		err = guest_files_add_program(&initramfs->files, config->busybox, "/bin/busybox",
					      error);
		if (err)
			return ktstr_error_wrap(error, err,
						"busybox for the guest's shell (install "
						"busybox-static)");
	}
	for (size_t i = 0; i < config->extra_count; i++) {
		err = guest_files_add(&initramfs->files, config->extra[i].host_path,
				      config->extra[i].guest_path, error);
		if (err)
			return err;
	}
	auto_archive struct archive *archive = archive_write_new();
	if (!archive)
		return ktstr_error_set(error, -ENOMEM, "initramfs: no memory");
	if (archive_write_set_format_cpio_newc(archive) != ARCHIVE_OK ||
	    archive_write_add_filter_none(archive) != ARCHIVE_OK ||
	    archive_write_open_fd(archive, initramfs->fd) != ARCHIVE_OK)
		return archive_failed(archive, error);
	err = write_files(archive, &initramfs->files, error);
	if (err)
		return err;
	if (archive_write_close(archive) != ARCHIVE_OK)
		return archive_failed(archive, error);
	*ret_initramfs = take_pointer(initramfs);
	return 0;
}
