// SPDX-License-Identifier: GPL-2.0-only
/* Waits on a shared word that neither a dead partner nor the stop can turn into a hang. */
#include "workload/work/futex_await.h"

#include "base/clock.h"
#include "workload/futex.h"

/* Until (*word == value) is equal. *now_ns is the time of the call, and then that of the end. */
static bool until(const struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t value,
		  bool equal, uint64_t *now_ns)
{
	for (;;) {
		uint32_t seen = atomic_load_explicit(word, memory_order_acquire);

		if ((seen == value) == equal)
			return true;
		if (worker_stopping(worker))
			return false;
		futex_wait(word, seen, *now_ns + WORKER_STOP_POLL_NS);
		*now_ns = clock_now_ns();
	}
}

static bool await(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t value, bool equal)
{
	uint64_t start_ns = clock_now_ns(), now_ns = start_ns;
	bool came = until(worker, word, value, equal, &now_ns);

	if (came)
		worker_sample_wake(worker, now_ns - start_ns);
	worker_excuse_gap(worker, now_ns);
	return came;
}

bool futex_await_change(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t seen)
{
	return await(worker, word, seen, false);
}

bool futex_await_value(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t value)
{
	return await(worker, word, value, true);
}

bool futex_until_changed(const struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t seen)
{
	uint64_t now_ns = clock_now_ns();

	return until(worker, word, seen, false, &now_ns);
}

void futex_nap(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t seen)
{
	uint64_t start_ns = clock_now_ns();

	futex_wait(word, seen, start_ns + WORKER_STOP_POLL_NS);
	if (!worker_stopping(worker))
		worker_sample_wake(worker, clock_now_ns() - start_ns);
}
