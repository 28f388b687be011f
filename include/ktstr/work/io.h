/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_IO_H
#define KTSTR_WORK_IO_H

/*
 * Work that waits for a disk. The disk is /dev/vda where the test asked for one (.disk_mib), else
 * a temporary file of 16 MiB without a name in $TMPDIR or /tmp, which the report's work_error
 * tells. Each worker writes to the 64th part of the disk that its tid selects and reads from all
 * of it. Samples are wake latencies. A worker that gets neither disk nor file yields all the time;
 * it has iterations and no work_units, as has one whose disk fails.
 */

#define KTSTR_WORK_TYPES_IO(X)                                                                     \
	X(io_sync_write, "IoSyncWrite")                                                            \
	X(io_rand_read, "IoRandRead")                                                              \
	X(io_convoy, "IoConvoy")

/*
 * IoSyncWrite: 16 blocks of 4 KiB one behind the other with O_SYNC, then fdatasync(2), whose time
 * is the sample. 16 units an iteration.
 */
struct ktstr_work_io_sync_write_params {
	char none; /* has no parameters */
};

/* IoRandRead: one block of 4 KiB from a random place, with O_DIRECT; its time is the sample. */
struct ktstr_work_io_rand_read_params {
	char none;
};

/*
 * IoConvoy: write the next block of 4 KiB, read a random one, both with O_DIRECT; fdatasync(2) in
 * the first and each 16th iteration. The sample is the time of all of it; 2 units an iteration.
 */
struct ktstr_work_io_convoy_params {
	char none;
};

#endif
