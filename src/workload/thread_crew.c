// SPDX-License-Identifier: GPL-2.0-only
/* Workers as threads: all of a workload's, in one process. */
#include "workload/thread_crew.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/futex.h"

/* A thread has run once by then, or the machine is beyond use. */
#define TID_PATIENCE_MS 2000

static int start_cohort(struct thread_crew *crew, struct nursery *nursery, size_t group,
			unsigned first, struct ktstr_error *error)
{
	const struct work_group *own = &nursery->groups[group];
	struct work_pipes *pipes = &crew->pipes[crew->num_pipes];
	int err = work_pipes_open(pipes, own->plumbing.pipes, error);

	if (err)
		return err;
	crew->num_pipes++;
	for (unsigned i = first; i < first + nursery_cohort_size(own); i++) {
		struct worker_thread *thread = &crew->threads[nursery->planned];

		nursery_plan(nursery, group, i, pipes, &thread->plan);
		snprintf(thread->name + strlen(thread->name),
			 sizeof(thread->name) - strlen(thread->name), "-g%zu-%u", group, i);
		err = worker_thread_start(thread, error);
		if (err)
			return ktstr_error_wrap(error, err, "worker %u of %u (group %zu)", i + 1,
						own->count, group);
	}
	return 0;
}

static int allocate(struct thread_crew *crew, const struct nursery *nursery,
		    struct ktstr_error *error)
{
	size_t cohorts = 0;

	for (size_t i = 0; i < nursery->num_groups; i++) {
		crew->count += nursery->groups[i].count;
		cohorts += nursery->groups[i].count / nursery_cohort_size(&nursery->groups[i]);
	}
	crew->threads = calloc(crew->count, sizeof(*crew->threads));
	crew->pipes = calloc(cohorts, sizeof(*crew->pipes));
	if (crew->threads && crew->pipes)
		return 0;
	return ktstr_error_set(error, -ENOMEM, "no memory for %zu threads", crew->count);
}

static int start_all(struct thread_crew *crew, struct nursery *nursery, struct ktstr_error *error)
{
	for (size_t group = 0; group < nursery->num_groups; group++) {
		const struct work_group *own = &nursery->groups[group];

		for (unsigned i = 0; i < own->count; i += nursery_cohort_size(own)) {
			int err = start_cohort(crew, nursery, group, i, error);

			if (err)
				return err;
		}
	}
	return 0;
}

int thread_crew_start(struct thread_crew *crew, struct nursery *nursery, const char *name_prefix,
		      const _Atomic int *signalled, struct ktstr_error *error)
{
	int err = allocate(crew, nursery, error);

	pthread_mutex_init(&crew->process_pages.lock, NULL);
	if (err)
		return err;
	for (size_t i = 0; i < crew->count; i++) {
		crew->threads[i].signalled = signalled;
		crew->threads[i].muster = &crew->muster;
		crew->threads[i].process_pages = &crew->process_pages;
		snprintf(crew->threads[i].name, sizeof(crew->threads[i].name), "%s", name_prefix);
	}
	err = start_all(crew, nursery, error);
	atomic_store_explicit(&crew->muster, err ? MUSTER_FAILED : MUSTER_COMPLETE,
			      memory_order_release);
	futex_wake_all(&crew->muster);
	return err;
}

int thread_crew_await_tids(struct thread_crew *crew, pid_t *ret_tids, struct ktstr_error *error)
{
	for (size_t i = 0; i < crew->count; i++) {
		int err = worker_thread_await_tid(
			&crew->threads[i], clock_deadline_ms(TID_PATIENCE_MS), &ret_tids[i], error);

		if (err)
			return ktstr_error_wrap(error, err, "worker %zu", i);
	}
	return 0;
}

bool thread_crew_release(struct thread_crew *crew, uint64_t deadline_ns)
{
	bool all = true;

	for (size_t i = 0; crew->threads && i < crew->count; i++)
		all = worker_thread_join(&crew->threads[i], deadline_ns) && all;
	if (!all)
		return false;
	for (size_t i = 0; i < crew->num_pipes; i++)
		work_pipes_close(&crew->pipes[i]);
	free(crew->pipes);
	free(crew->threads);
	crew->threads = NULL;
	crew->pipes = NULL;
	crew->count = crew->num_pipes = 0;
	return true;
}
