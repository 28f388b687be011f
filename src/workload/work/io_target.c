// SPDX-License-Identifier: GPL-2.0-only
/* The disk or file behind IO work, and where on it a worker reads and writes. */
#include "workload/work/io_target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kernel_parameter.h"
#include "workload/work/scratch_file.h"

#define DISK "/dev/vda"

const char *io_disk(void)
{
	/* Elsewhere a disk of that name may be the one that the machine runs from. */
	return kernel_parameter_is_given(PARAMETER_DISK_MIB) ? DISK : NULL;
}

void io_target_divide(struct io_target *target, pid_t tid)
{
	uint64_t stripe = target->capacity / IO_STRIPES / IO_SECTOR_BYTES * IO_SECTOR_BYTES;

	target->base = (uint64_t)tid % IO_STRIPES * stripe;
	target->extent = stripe > IO_EXTENT_MIN_BYTES ? stripe : IO_EXTENT_MIN_BYTES;
}

uint64_t io_place(const struct io_target *target, uint64_t position)
{
	uint64_t place = target->base + position % target->extent;
	uint64_t last = target->capacity - IO_BLOCK_BYTES;

	return place < last ? place : last;
}

uint64_t io_random_place(const struct io_target *target, struct prng *prng)
{
	uint64_t number = prng_next(prng);

	if (target->capacity <= IO_BLOCK_BYTES)
		return 0;
	return number % (target->capacity - IO_BLOCK_BYTES) / IO_SECTOR_BYTES * IO_SECTOR_BYTES;
}

static int open_disk(const char *path, int flags, struct io_target *target,
		     struct ktstr_error *error)
{
	auto_close int fd = open(path, O_RDWR | O_CLOEXEC | flags);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", path, strerror(errno));
	if (!S_ISBLK(st.st_mode))
		return ktstr_error_set(error, -ENOTBLK, "'%s' is no disk", path);
	if (ioctl(fd, BLKGETSIZE64, &target->capacity) < 0)
		return ktstr_error_set(error, -errno, "size of '%s': %s", path, strerror(errno));
	if (target->capacity < IO_BLOCK_BYTES)
		return ktstr_error_set(error, -ENOSPC, "'%s' is smaller than a block of %d bytes",
				       path, IO_BLOCK_BYTES);
	target->fd = take_fd(&fd);
	return 0;
}

/* A file system that knows no O_DIRECT (tmpfs before 6.6) still does IO, by its page cache. */
static int open_scratch(int flags, bool *ret_cached, struct ktstr_error *error)
{
	int fd = scratch_file_open(flags, error);

	*ret_cached = fd == -EINVAL && (flags & O_DIRECT);
	return *ret_cached ? scratch_file_open(flags & ~O_DIRECT, error) : fd;
}

static int open_instead(int flags, struct io_target *target, struct ktstr_error *ret_notice,
			struct ktstr_error *error)
{
	bool cached;
	auto_close int fd = open_scratch(flags, &cached, error);

	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)IO_FILE_BYTES) < 0)
		return ktstr_error_set(error, -errno, "temporary file of %d MiB: %s",
				       (int)(IO_FILE_BYTES >> 20), strerror(errno));
	target->fd = take_fd(&fd);
	target->capacity = IO_FILE_BYTES;
	ktstr_error_set(ret_notice, -ENODEV,
			"IO goes to a temporary file%s; the test gets a disk by .disk_mib",
			cached ? " and its page cache" : "");
	return 0;
}

int io_target_open(const char *disk, int flags, pid_t tid, struct io_target *ret_target,
		   struct ktstr_error *ret_notice, struct ktstr_error *error)
{
	struct io_target target = { .fd = -1 };
	int err = disk ? open_disk(disk, flags, &target, error)
		       : open_instead(flags, &target, ret_notice, error);

	if (err)
		return err;
	io_target_divide(&target, tid);
	*ret_target = target;
	return 0;
}

void io_target_close(struct io_target *target)
{
	if (target->fd >= 0)
		close(target->fd);
	target->fd = -1;
}
