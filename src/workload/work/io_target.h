/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <ktstr/error.h>

#include "workload/prng.h"

#define IO_BLOCK_BYTES 4096
#define IO_SECTOR_BYTES 512
#define IO_STRIPES 64
#define IO_EXTENT_MIN_BYTES (64u * 1024)
#define IO_FILE_BYTES (UINT64_C(16) << 20)

/* What a worker reads and writes: the test's disk, or a file without a name. */
struct io_target {
	int fd; /* -1: neither could be had */
	uint64_t capacity;
	/*
	 * The worker's own part: writes go to base up to base + extent. On a small disk extents
	 * overlap, and io_place() keeps them on it.
	 */
	uint64_t base, extent;
};

/* The path of the disk that this test has for itself; NULL: it has none. */
const char *io_disk(void);

/*
 * Open the disk, or a file without a name where disk is NULL; flags are added to O_RDWR.
 * *ret_notice is what has to be said about what was found (the file instead of a disk, the page
 * cache instead of O_DIRECT), "" where all is as asked.
 */
int io_target_open(const char *disk, int flags, pid_t tid, struct io_target *ret_target,
		   struct ktstr_error *ret_notice, struct ktstr_error *error) KTSTR_MUST_CHECK;
void io_target_close(struct io_target *target);

/* The part of a disk that belongs to tid. */
void io_target_divide(struct io_target *target, pid_t tid);

/* Where the block at position of the worker's own part lies; position wraps at its end. */
uint64_t io_place(const struct io_target *target, uint64_t position);

/* A random block, whole sectors from the start; 0 on a disk that has no room for a choice. */
uint64_t io_random_place(const struct io_target *target, struct prng *prng);
