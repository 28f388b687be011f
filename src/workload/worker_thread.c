// SPDX-License-Identifier: GPL-2.0-only
/* One worker as a thread: its memory, its start, its end. */
#include "workload/worker_thread.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "workload/futex.h"
#include "workload/telemetry.h"
#include "workload/worker_life.h"

/* No worker works unless all do: then a crew either reports as a whole or not at all. */
static bool crew_is_complete(_Atomic uint32_t *muster)
{
	uint32_t seen;

	while ((seen = atomic_load_explicit(muster, memory_order_acquire)) == MUSTER_OPEN)
		futex_wait(muster, MUSTER_OPEN, UINT64_MAX);
	return seen == MUSTER_COMPLETE;
}

static void *run(void *argument)
{
	struct worker_thread *thread = argument;

	atomic_store_explicit(&thread->tid, (uint32_t)gettid(), memory_order_release);
	futex_wake_all(&thread->tid);
	prctl(PR_SET_NAME, thread->name);
	atomic_store(&thread->has_started,
		     crew_is_complete(thread->muster) &&
			     worker_live(&thread->worker, &thread->plan, thread->signalled));
	return NULL;
}

static int map_buffer(struct worker_thread *thread, struct ktstr_error *error)
{
	size_t bytes = thread->plan.group->plumbing.buffer_bytes;
	void *buffer;

	if (!bytes)
		return 0;
	buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buffer == MAP_FAILED) {
		int err = -errno;

		return ktstr_error_set(error, err, "map %zu bytes for a thread's buffer: %s", bytes,
				       strerror(-err));
	}
	thread->plan.buffer = buffer;
	return 0;
}

/* What a thread does to itself stays its own: whoever debugs the process wants to see it. */
static void fill_but_faults(sigset_t *ret_set)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };

	sigfillset(ret_set);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(ret_set, faults[i]);
}

static int create(struct worker_thread *thread, struct ktstr_error *error)
{
	sigset_t others, before;
	int err;

	fill_but_faults(&others);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	err = -pthread_create(&thread->thread, NULL, run, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return ktstr_error_set(error, err, "create a thread: %s", strerror(-err));
	thread->exists = true;
	return 0;
}

static void give_back(struct worker_thread *thread)
{
	telemetry_unmap(thread->plan.telemetry);
	if (thread->plan.buffer)
		munmap(thread->plan.buffer, thread->plan.group->plumbing.buffer_bytes);
	thread->plan.telemetry = NULL;
	thread->plan.buffer = NULL;
}

int worker_thread_start(struct worker_thread *thread, struct ktstr_error *error)
{
	int err = telemetry_map(thread->plan.max_phases, &thread->plan.telemetry, error);

	if (!err) {
		thread->plan.telemetry->process_pages = thread->process_pages;
		err = map_buffer(thread, error);
	}
	if (!err)
		err = create(thread, error);
	if (err)
		give_back(thread);
	return err;
}

int worker_thread_await_tid(struct worker_thread *thread, uint64_t deadline_ns, pid_t *ret_tid,
			    struct ktstr_error *error)
{
	uint32_t tid;

	while (!(tid = atomic_load_explicit(&thread->tid, memory_order_acquire))) {
		if (clock_now_ns() >= deadline_ns)
			return ktstr_error_set(error, -ETIMEDOUT,
					       "the thread did not publish its gettid() in time");
		futex_wait(&thread->tid, 0, deadline_ns);
	}
	*ret_tid = (pid_t)tid;
	return 0;
}

static int join_until(pthread_t thread, uint64_t deadline_ns)
{
#ifdef __SANITIZE_THREAD__
	/* It knows no join by CLOCK_MONOTONIC, and takes the thread's writes for unordered then. */
	int err;

	while ((err = pthread_tryjoin_np(thread, NULL)) == EBUSY && clock_now_ns() < deadline_ns)
		usleep(1000);
	return err;
#else
	struct timespec deadline = clock_timespec(deadline_ns);

	return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &deadline);
#endif
}

bool worker_thread_join(struct worker_thread *thread, uint64_t deadline_ns)
{
	if (thread->abandoned)
		return false;
	if (thread->exists && join_until(thread->thread, deadline_ns)) {
		thread->abandoned = true;
		pthread_detach(thread->thread);
		return false;
	}
	thread->exists = false;
	give_back(thread);
	return true;
}
