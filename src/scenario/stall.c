// SPDX-License-Identifier: GPL-2.0-only
/* The thread that watches workers, from its start to the lines in the verdict. */
#include "scenario/stall.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "scenario/stall_diagnosis.h"
#include "scenario/stall_window.h"

#define SCHED_TEXT_MAX 8192
#define REPORTS_EACH 8 /* of one worker in a step; the first ones tell what is wrong */

struct stall_monitor {
	pthread_t thread;
	sem_t stop;
	unsigned poll_ms;
	size_t count;
	struct watched {
		pid_t pid;
		unsigned reports;
		struct stall_window window;
	} * watched;
	/* The thread's until it is joined. */
	char **reports;
	size_t reports_count;
};

static void monitor_free(struct stall_monitor *monitor)
{
	if (!monitor)
		return;
	for (size_t i = 0; i < monitor->reports_count; i++)
		free(monitor->reports[i]);
	sem_destroy(&monitor->stop);
	free(monitor->reports);
	free(monitor->watched);
	free(monitor);
}

static bool read_sample(pid_t pid, struct stall_sample *ret_sample)
{
	auto_close int fd = -1;
	char path[32], text[SCHED_TEXT_MAX];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/%d/sched", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (size < 0)
		return false;
	text[size] = '\0';
	return stall_sample_parse(text, ret_sample);
}

static void look(struct stall_monitor *monitor, struct watched *watched)
{
	struct stall_sample sample;
	bool read = read_sample(watched->pid, &sample);
	char *report;

	/* One report for each silence, as far as there was room made for them. */
	if (!stall_window_add(&watched->window, read ? &sample : NULL) ||
	    watched->reports == REPORTS_EACH)
		return;
	report = stall_diagnose(watched->pid, &watched->window);
	if (!report)
		return;
	watched->reports++;
	monitor->reports[monitor->reports_count++] = report;
}

/* True when it is time for the next look, false when there is none. */
static bool pause_until(struct stall_monitor *monitor, uint64_t next_ns)
{
	struct timespec next = clock_timespec(next_ns);

	while (sem_clockwait(&monitor->stop, CLOCK_MONOTONIC, &next))
		if (errno != EINTR)
			return errno == ETIMEDOUT;
	return false;
}

static void *watch(void *data)
{
	struct stall_monitor *monitor = data;
	uint64_t next_ns;

	do {
		next_ns = clock_deadline_ms(monitor->poll_ms);
		for (size_t i = 0; i < monitor->count; i++)
			look(monitor, &monitor->watched[i]);
	} while (pause_until(monitor, next_ns));
	return NULL;
}

static size_t count_workers(struct scenario_state *state)
{
	size_t sum = 0;

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_workers *workers;

		TAILQ_FOREACH(workers, &scenario_slot_at(state, i)->workers, link)
		{
			size_t count;

			ktstr_workload_pids(workers->workload, &count);
			sum += count;
		}
	}
	return sum;
}

static void choose_workers(struct scenario_state *state, struct stall_monitor *monitor)
{
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_workers *workers;

		TAILQ_FOREACH(workers, &scenario_slot_at(state, i)->workers, link)
		{
			size_t count;
			const pid_t *pids = ktstr_workload_pids(workers->workload, &count);

			for (size_t j = 0; j < count; j++)
				monitor->watched[monitor->count++].pid = pids[j];
		}
	}
}

/* With every signal blocked: they belong to the threads of the test. */
static int start(struct stall_monitor *monitor)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&monitor->thread, NULL, watch, monitor);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

/* The monitor had two names in the original tool, each with a variable of its own. */
static unsigned poll_ms_wanted(void)
{
	const char *stall = getenv("KTSTR_STALL_POLL_MS");

	return stall_poll_ms(stall && *stall ? stall : getenv("KTSTR_STUCK_POLL_MS"));
}

static struct stall_monitor *monitor_new(size_t workers)
{
	struct stall_monitor *monitor = calloc(1, sizeof(*monitor));

	if (!monitor)
		return NULL;
	sem_init(&monitor->stop, 0, 0);
	monitor->poll_ms = poll_ms_wanted();
	monitor->watched = calloc(workers, sizeof(*monitor->watched));
	monitor->reports = calloc(workers * REPORTS_EACH, sizeof(*monitor->reports));
	if (monitor->watched && monitor->reports)
		return monitor;
	monitor_free(monitor);
	return NULL;
}

void stall_watch(struct scenario_state *state)
{
	size_t workers = count_workers(state);
	struct stall_monitor *monitor;
	int err;

	if (!state->ctx->watch_stalls || state->target != &state->step || state->step.monitor ||
	    !workers)
		return;
	monitor = monitor_new(workers);
	if (!monitor) {
		ktstr_note(state->ctx, "no memory to watch %zu workers for stalls", workers);
		return;
	}
	choose_workers(state, monitor);
	err = start(monitor);
	if (err) {
		ktstr_note(state->ctx, "cannot watch the workers for stalls: %s", strerror(-err));
		monitor_free(monitor);
		return;
	}
	state->step.monitor = monitor;
}

void stall_report(struct scenario_slot *slot, struct verdict *verdict)
{
	struct stall_monitor *monitor = slot->monitor;

	if (!monitor)
		return;
	slot->monitor = NULL;
	sem_post(&monitor->stop);
	pthread_join(monitor->thread, NULL);
	for (size_t i = 0; i < monitor->reports_count; i++)
		verdict_add(verdict, VERDICT_FAIL, DETAIL_WORKER_STALLED, "%s",
			    monitor->reports[i]);
	monitor_free(monitor);
}
