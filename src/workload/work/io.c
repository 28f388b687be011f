// SPDX-License-Identifier: GPL-2.0-only
/* Work that waits for a disk: IoSyncWrite, IoRandRead, IoConvoy. None has a parameter. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/work.h"
#include "workload/work/io_target.h"
#include "workload/worker.h"

#define SYNC_WRITE_BLOCKS 16
#define CONVOY_SYNC_EVERY 16

struct io_state {
	struct io_target target;
	struct prng prng;
	char *block;	 /* IO_BLOCK_BYTES, aligned as O_DIRECT wants it */
	uint64_t cursor; /* of IoConvoy, within the worker's own part */
};
_Static_assert(sizeof(struct io_state) <= WORK_STATE_MAX, "fits in a worker");

static struct io_state *state_of(struct ktstr_worker *worker)
{
	return (struct io_state *)worker->state;
}

/* Twice the size, so that an aligned block is in it wherever it begins. */
static void io_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->buffer_bytes = 2 * IO_BLOCK_BYTES;
}

static void prepare(struct ktstr_worker *worker, int flags)
{
	struct io_state *io = state_of(worker);
	uintptr_t start = (uintptr_t)worker->buffer;
	struct ktstr_error notice = { 0 }, error = { 0 };

	io->prng = prng_seeded((uint64_t)worker->tid);
	io->block = worker->buffer + (-start & (IO_BLOCK_BYTES - 1));
	/* So that no page is missing when the worker starts; and no block is one of zeroes. */
	memset(io->block, 0xa5, IO_BLOCK_BYTES);
	io->target.fd = -1;
	if (io_target_open(io_disk(), flags, worker->tid, &io->target, &notice, &error))
		worker_complain(worker, "%s", error.text);
	else if (notice.text[0])
		worker_complain(worker, "%s", notice.text);
}

static void prepare_synchronous(struct ktstr_worker *worker)
{
	prepare(worker, O_SYNC);
}

static void prepare_direct(struct ktstr_worker *worker)
{
	prepare(worker, O_DIRECT);
}

static void io_end(struct ktstr_worker *worker)
{
	io_target_close(&state_of(worker)->target);
}

/* Whether a call has done all that it was to do. done: its result; the text only when it has not.
 */
static bool succeeded(struct ktstr_worker *worker, const char *call, ssize_t done, ssize_t wanted)
{
	if (done == wanted)
		return true;
	if (done < 0 && errno != EINTR)
		worker_complain(worker, "%s: %s", call, strerror(errno));
	else if (done >= 0)
		worker_complain(worker, "%s: %zd of %zd bytes", call, done, wanted);
	return false;
}

static bool write_block(struct ktstr_worker *worker, uint64_t place)
{
	const struct io_state *io = state_of(worker);

	return succeeded(worker, "pwrite",
			 pwrite(io->target.fd, io->block, IO_BLOCK_BYTES, (off_t)place),
			 IO_BLOCK_BYTES);
}

static bool read_block(struct ktstr_worker *worker, uint64_t place)
{
	const struct io_state *io = state_of(worker);

	return succeeded(worker, "pread",
			 pread(io->target.fd, io->block, IO_BLOCK_BYTES, (off_t)place),
			 IO_BLOCK_BYTES);
}

/* No disk, or one that fails: the worker is there and does nothing that would count. */
static enum work_next give_way(struct ktstr_worker *worker)
{
	if (worker_stopping(worker))
		return WORK_END; /* that is why the call was cut short */
	sched_yield();
	return WORK_SKIP;
}

/* An iteration of units is done, and waited for the disk in the sample and at other times. */
static enum work_next finish(struct ktstr_worker *worker, unsigned units, uint64_t sample_ns,
			     uint64_t now_ns)
{
	worker->work_units += units;
	worker_sample_wake(worker, sample_ns);
	worker_excuse_gap(worker, now_ns);
	return WORK_NEXT;
}

static enum work_next io_sync_write_iterate(struct ktstr_worker *worker)
{
	const struct io_state *io = state_of(worker);
	uint64_t position = worker->iterations * SYNC_WRITE_BLOCKS * IO_BLOCK_BYTES;
	uint64_t start_ns, end_ns;

	if (io->target.fd < 0)
		return give_way(worker);
	for (unsigned i = 0; i < SYNC_WRITE_BLOCKS; i++, position += IO_BLOCK_BYTES)
		if (!write_block(worker, io_place(&io->target, position)))
			return give_way(worker);
	start_ns = clock_now_ns();
	if (!succeeded(worker, "fdatasync", fdatasync(io->target.fd), 0))
		return give_way(worker);
	end_ns = clock_now_ns();
	return finish(worker, SYNC_WRITE_BLOCKS, end_ns - start_ns, end_ns);
}

static enum work_next io_rand_read_iterate(struct ktstr_worker *worker)
{
	struct io_state *io = state_of(worker);
	uint64_t start_ns = clock_now_ns(), end_ns;

	if (io->target.fd < 0 || !read_block(worker, io_random_place(&io->target, &io->prng)))
		return give_way(worker);
	end_ns = clock_now_ns();
	return finish(worker, 1, end_ns - start_ns, end_ns);
}

static enum work_next io_convoy_iterate(struct ktstr_worker *worker)
{
	struct io_state *io = state_of(worker);
	uint64_t start_ns = clock_now_ns(), end_ns;

	if (io->target.fd < 0 || !write_block(worker, io_place(&io->target, io->cursor)))
		return give_way(worker);
	io->cursor += IO_BLOCK_BYTES;
	if (!read_block(worker, io_random_place(&io->target, &io->prng)))
		return give_way(worker);
	if (worker->iterations % CONVOY_SYNC_EVERY == 0 &&
	    !succeeded(worker, "fdatasync", fdatasync(io->target.fd), 0))
		return give_way(worker);
	end_ns = clock_now_ns();
	return finish(worker, 2, end_ns - start_ns, end_ns);
}

const struct ktstr_work_ops ktstr_work_io_sync_write = {
	.name = "IoSyncWrite",
	.summary = "writes 16 blocks synchronously and waits for fdatasync",
	.plumbing = io_plumbing,
	.state_size = sizeof(struct io_state),
	.prepare = prepare_synchronous,
	.iterate = io_sync_write_iterate,
	.end = io_end,
};

const struct ktstr_work_ops ktstr_work_io_rand_read = {
	.name = "IoRandRead",
	.summary = "reads blocks from random places of a disk, past the page cache",
	.plumbing = io_plumbing,
	.state_size = sizeof(struct io_state),
	.prepare = prepare_direct,
	.iterate = io_rand_read_iterate,
	.end = io_end,
};

const struct ktstr_work_ops ktstr_work_io_convoy = {
	.name = "IoConvoy",
	.summary = "writes a block, reads a random one, and now and then waits for fdatasync",
	.plumbing = io_plumbing,
	.state_size = sizeof(struct io_state),
	.prepare = prepare_direct,
	.iterate = io_convoy_iterate,
	.end = io_end,
};
