/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * The memory that the parent and all workers of a workload share: one anonymous mapping, made
 * before the first fork and reclaimed by the kernel with the last process. It replaces a start
 * pipe and a report pipe per worker:
 *
 * - a worker inherits no descriptor and the parent holds none, so 5000 workers need neither
 *   10000 descriptors nor 5000 times 5000 calls of close(2);
 * - one store and one wake-up start all workers, and stopping them is a store each;
 * - a report larger than any pipe cannot deadlock, and workers never wait for the parent or for
 *   each other to deliver one, whatever the scheduler under test does;
 * - a worker killed halfway through its report has not published its size: there is no report.
 *
 * Frames reserve address space only (MAP_NORESERVE); pages exist once they are written.
 */
enum gate {
	GATE_CLOSED, /* workers block */
	GATE_OPEN,
	GATE_LOCKED, /* will never open */
};

struct shared_control {
	_Alignas(64) _Atomic uint32_t gate;  /* enum gate. Futex */
	_Alignas(64) _Atomic uint32_t ready; /* number of workers past the gate. Futex */
	_Alignas(64) _Atomic uint32_t epoch; /* of the phase; only the parent writes it */
};

struct worker_slot {
	_Alignas(64) _Atomic uint64_t iterations;
	_Atomic uint32_t stop;	/* 1: end the loop. Futex of a sleeping worker */
	_Atomic uint32_t ready; /* 1: the worker is past the gate */
	/* 0: no report. Stored (release) after the last byte of the frame. */
	_Atomic uint32_t frame_size;
};
_Static_assert(sizeof(struct worker_slot) == 64, "a cache line each: workers must not share any");

struct shared_area {
	struct shared_control *control; /* start of the mapping; NULL: none */
	struct worker_slot *slots;
	uint8_t *frames;
	size_t frame_capacity; /* whole pages */
	size_t size;
};

int shared_area_map(struct shared_area *area, unsigned workers, size_t frame_capacity,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
void shared_area_unmap(struct shared_area *area);

static inline uint8_t *shared_area_frame(const struct shared_area *area, size_t worker)
{
	return area->frames + worker * area->frame_capacity;
}

/* Give the pages of one frame back before the mapping goes. */
void shared_area_drop_frame(const struct shared_area *area, size_t worker);

/* Wait for the gate to open. False: it has not by deadline_ns, or it is locked. */
bool gate_wait(struct shared_control *control, uint64_t deadline_ns);

/* What happens to a gate happens once: an open one cannot be locked, a locked one not opened. */
void gate_open(struct shared_control *control);
void gate_lock(struct shared_control *control);

/* The worker of slot says that it is past the gate. */
void gate_announce_ready(struct shared_control *control, struct worker_slot *slot);

/*
 * Sleep until deadline_ns, which gives true, or until the slot says stop or a signal comes, which
 * gives false. No moment at which a stop could be missed.
 */
bool slot_sleep(struct worker_slot *slot, uint64_t deadline_ns);
void slot_wake_stopped(struct worker_slot *slot);
