// SPDX-License-Identifier: GPL-2.0-only
/* The mapping that parent and workers share, and the gate in it. */
#include "workload/shared.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload/futex.h"

static size_t round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

int shared_area_map(struct shared_area *area, unsigned workers, size_t frame_capacity,
		    struct ktstr_error *error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t head, frames, size;
	uint8_t *base;

	frame_capacity = round_up(frame_capacity, page);
	if (__builtin_mul_overflow((size_t)workers, sizeof(struct worker_slot), &head) ||
	    __builtin_mul_overflow((size_t)workers, frame_capacity, &frames) ||
	    __builtin_add_overflow(head, sizeof(struct shared_control) + page, &head) ||
	    __builtin_add_overflow(head, frames, &size))
		return ktstr_error_set(error, -ENOMEM, "%u workers do not fit the address space",
				       workers);
	head -= head % page;
	size = head + frames;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
	if (base == MAP_FAILED) {
		int err = -errno;

		return ktstr_error_set(
			error, err,
			"map %zu bytes for the reports of %u workers: %s (the address "
			"space is only reserved: see ulimit -v and vm.overcommit_memory)",
			size, workers, strerror(-err));
	}
	*area = (struct shared_area){
		.control = (struct shared_control *)base,
		.slots = (struct worker_slot *)(base + sizeof(struct shared_control)),
		.frames = base + head,
		.frame_capacity = frame_capacity,
		.size = size,
	};
	return 0;
}

void shared_area_unmap(struct shared_area *area)
{
	if (area->control)
		munmap(area->control, area->size);
	*area = (struct shared_area){ 0 };
}

void shared_area_drop_frame(const struct shared_area *area, size_t worker)
{
	/* Only an economy: what cannot be dropped now goes with the mapping. */
	madvise(shared_area_frame(area, worker), area->frame_capacity, MADV_REMOVE);
}

bool gate_wait(struct shared_control *control, uint64_t deadline_ns)
{
	uint32_t gate;

	/* The gate before the clock: a worker stopped beyond its deadline still finds it open. */
	while ((gate = atomic_load_explicit(&control->gate, memory_order_acquire)) == GATE_CLOSED) {
		if (clock_now_ns() >= deadline_ns)
			return false;
		futex_wait(&control->gate, GATE_CLOSED, deadline_ns);
	}
	return gate == GATE_OPEN;
}

static void move_gate(struct shared_control *control, uint32_t to)
{
	uint32_t closed = GATE_CLOSED;

	if (atomic_compare_exchange_strong(&control->gate, &closed, to))
		futex_wake_all(&control->gate);
}

void gate_open(struct shared_control *control)
{
	move_gate(control, GATE_OPEN);
}

void gate_lock(struct shared_control *control)
{
	move_gate(control, GATE_LOCKED);
}

void gate_announce_ready(struct shared_control *control, struct worker_slot *slot)
{
	atomic_store(&slot->ready, 1);
	atomic_fetch_add(&control->ready, 1);
	futex_wake_all(&control->ready);
}

bool slot_sleep(struct worker_slot *slot, uint64_t deadline_ns)
{
	futex_wait(&slot->stop, 0, deadline_ns);
	return clock_now_ns() >= deadline_ns;
}

void slot_wake_stopped(struct worker_slot *slot)
{
	futex_wake_all(&slot->stop);
}
