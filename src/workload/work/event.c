// SPDX-License-Identifier: GPL-2.0-only
/* EpollStorm: an eventfd, those who write to it, and those who wait for it in epoll. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/work.h"
#include "workload/work/cohort_size.h"
#include "workload/worker.h"

#define IDLE_UNITS 256	   /* while there is no descriptor yet */
#define CONSUMER_UNITS 256 /* an iteration */

/*
 * What a cohort shares. Position 0 opens the descriptors and the worker that ends last closes
 * them: until then others may be using them. Both are 0, or the descriptor + 1.
 */
struct storm {
	_Atomic uint64_t event, epoll;
	_Atomic uint32_t ended; /* workers */
};

static unsigned storm_group_size(const void *params)
{
	const struct ktstr_work_epoll_storm_params *storm = params;

	return cohort_size((uint64_t)storm->producers + storm->consumers);
}

static void storm_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->shared_bytes = sizeof(struct storm);
}

/* Not blocking: of two consumers that one event woke, one finds nothing to read. */
static int open_both(int *ret_event, int *ret_epoll)
{
	struct epoll_event readable = { .events = EPOLLIN };
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = event < 0 || epoll < 0 ? -errno : 0;

	if (!err && epoll_ctl(epoll, EPOLL_CTL_ADD, event, &readable))
		err = -errno;
	if (err) {
		if (event >= 0)
			close(event);
		if (epoll >= 0)
			close(epoll);
		return err;
	}
	*ret_event = event;
	*ret_epoll = epoll;
	return 0;
}

/*
 * After the start and not before, so that a workload that is never started, or only half made,
 * has nothing open.
 */
static void storm_begin(struct ktstr_worker *worker)
{
	struct storm *storm = worker->shared;
	int event, epoll, err;

	if (worker->position != 0)
		return;
	err = open_both(&event, &epoll);
	if (err) {
		worker_complain(worker, "open an eventfd and an epoll: %s", strerror(-err));
		return;
	}
	atomic_store_explicit(&storm->epoll, (uint64_t)epoll + 1, memory_order_release);
	atomic_store_explicit(&storm->event, (uint64_t)event + 1, memory_order_release);
}

static void storm_end(struct ktstr_worker *worker)
{
	struct storm *storm = worker->shared;

	if (atomic_fetch_add(&storm->ended, 1) + 1 < worker->group_size)
		return;
	if (atomic_load(&storm->event)) {
		close((int)atomic_load(&storm->event) - 1);
		close((int)atomic_load(&storm->epoll) - 1);
	}
}

static void produce(struct ktstr_worker *worker, int event, unsigned events)
{
	static const uint64_t one = 1;

	for (unsigned i = 0; i < events && !worker_stopping(worker); i++)
		if (write(event, &one, sizeof(one)) == sizeof(one))
			worker->work_units++;
}

static void consume(struct ktstr_worker *worker, int epoll, int event)
{
	uint64_t start_ns = clock_now_ns(), count;
	struct epoll_event ready;

	if (epoll_wait(epoll, &ready, 1, WORKER_STOP_POLL_NS / NS_PER_MS) > 0) {
		/* Empty when another consumer was faster; the wake-up was one all the same. */
		if (read(event, &count, sizeof(count)) < 0)
			count = 0;
		worker_sample_wake(worker, clock_now_ns() - start_ns);
	}
	worker_spin(worker, CONSUMER_UNITS);
}

static enum work_next storm_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_epoll_storm_params *params = worker->params;
	struct storm *storm = worker->shared;
	int event = (int)atomic_load_explicit(&storm->event, memory_order_acquire) - 1;
	int epoll = (int)atomic_load_explicit(&storm->epoll, memory_order_relaxed) - 1;

	if (event < 0)
		worker_spin(worker, IDLE_UNITS);
	else if (worker->position < params->producers)
		produce(worker, event, params->events_per_burst);
	else
		consume(worker, epoll, event);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_epoll_storm = {
	.name = "EpollStorm",
	.summary = "threads write to an eventfd for which others wait in epoll",
	.params_size = sizeof(struct ktstr_work_epoll_storm_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_epoll_storm_params, producers, 1,
				    "workers that write"),
			WORK_NUMBER(struct ktstr_work_epoll_storm_params, consumers, 2,
				    "workers that wait"),
			WORK_NUMBER(struct ktstr_work_epoll_storm_params, events_per_burst, 32,
				    "events an iteration of a producer"),
			{ 0 },
		},
	.group_size = storm_group_size,
	.plumbing = storm_plumbing,
	.not_as_process = "its workers share descriptors",
	.begin = storm_begin,
	.iterate = storm_iterate,
	.end = storm_end,
};
