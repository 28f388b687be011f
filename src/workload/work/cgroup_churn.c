// SPDX-License-Identifier: GPL-2.0-only
/* CgroupChurn: a worker that goes from cgroup to cgroup. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ktstr/cgroup.h>

#include "base/clock.h"
#include "workload/work.h"
#include "workload/work/own_cgroup.h"
#include "workload/worker.h"

#define GROUPS_MAX 1024
#define NAME_BYTES 64
#define BURST_UNITS 256
#define GROUP_FORMAT "wt-cgroup-churn-%u"
#define NOT_AS_THREAD "a write to cgroup.procs moves all threads of a process"

struct churn_state {
	int parent; /* folder of the cgroups; -1: none */
	int home;   /* cgroup.procs of where the worker came from; -1: unknown */
	int *procs; /* cgroup.procs of each cgroup, opened on the way; -1: not yet. NULL: none */
	unsigned count;
	char text[16]; /* what to write: the worker's pid */
	size_t text_bytes;
};

static int cgroup_churn_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_cgroup_churn_params *churn = params;

	if (churn->groups > GROUPS_MAX)
		return ktstr_error_set(error, -EINVAL, "groups %u is out of range 0..=%d",
				       churn->groups, GROUPS_MAX);
	return 0;
}

static void cgroup_churn_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_cgroup_churn_params *churn = worker->params;
	const char *parent = churn->parent ? churn->parent : KTSTR_CGROUP_PARENT;
	struct churn_state *state = (struct churn_state *)worker->state;

	state->home = -1;
	state->count = churn->groups ? churn->groups : 1;
	state->text_bytes = (size_t)snprintf(state->text, sizeof(state->text), "%d\n", worker->tid);
	state->parent = open(parent, O_DIRECTORY | O_PATH | O_CLOEXEC);
	if (state->parent < 0) {
		worker_complain(worker, "parent '%s': %s", parent, strerror(errno));
		return;
	}
	state->procs = calloc(state->count, sizeof(*state->procs));
	if (!state->procs) {
		worker_complain(worker, "no memory for %u cgroups", state->count);
		return;
	}
	for (unsigned i = 0; i < state->count; i++)
		state->procs[i] = -1;
}

static void remember_home(struct ktstr_worker *worker, struct churn_state *state)
{
	char path[OWN_CGROUP_MAX];
	int folder;

	/* In the root cgroup there is nothing to go back for: it takes whom it gets. */
	if (own_cgroup_path(path, NULL))
		snprintf(path, sizeof(path), "%s", KTSTR_CGROUP_ROOT);
	folder = open(path, O_DIRECTORY | O_PATH | O_CLOEXEC);
	if (folder < 0)
		return;
	state->home = openat(folder, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (state->home < 0)
		worker_complain(worker, "cgroup.procs of %s, to come back: %s", path,
				strerror(errno));
	close(folder);
}

/* The cgroup, made where there is none, is left open at state->procs[index]. 0 or -errno. */
static int open_group(struct churn_state *state, unsigned index)
{
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), GROUP_FORMAT, index);
	/* One that exists was made by another worker, or by this one before. */
	if (mkdirat(state->parent, name, 0755) && errno != EEXIST)
		return -errno;
	snprintf(name, sizeof(name), GROUP_FORMAT "/cgroup.procs", index);
	state->procs[index] = openat(state->parent, name, O_WRONLY | O_CLOEXEC);
	return state->procs[index] < 0 ? -errno : 0;
}

static void close_group(struct churn_state *state, unsigned index)
{
	if (state->procs[index] >= 0)
		close(state->procs[index]);
	state->procs[index] = -1;
}

static void cgroup_churn_begin(struct ktstr_worker *worker)
{
	struct churn_state *state = (struct churn_state *)worker->state;

	if (!state->procs)
		return;
	remember_home(worker, state);
	for (unsigned i = 0; i < state->count; i++) {
		int err = open_group(state, i);

		if (err)
			worker_complain(worker, "make and open " GROUP_FORMAT ": %s", i,
					strerror(-err));
	}
}

static int move_to(struct churn_state *state, unsigned index)
{
	int err = 0;

	if (state->procs[index] < 0)
		err = open_group(state, index);
	if (!err && write(state->procs[index], state->text, state->text_bytes) < 0)
		err = -errno;
	if (err)
		close_group(state, index);
	return err;
}

static enum work_next cgroup_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_cgroup_churn_params *churn = worker->params;
	struct churn_state *state = (struct churn_state *)worker->state;
	unsigned next = (unsigned)(worker->iterations % state->count);
	uint64_t asleep_ns;

	if (state->procs) {
		int err = move_to(state, next);

		/* A worker that ends removes what is empty for a moment: make it again. */
		if (err == -ENODEV || err == -ENOENT)
			err = move_to(state, next);
		if (err)
			worker_complain(worker, "move to " GROUP_FORMAT ": %s", next,
					strerror(-err));
	}
	worker_sleep(worker, churn->cycle_ms * NS_PER_MS, &asleep_ns);
	worker_spin(worker, BURST_UNITS);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

static void cgroup_churn_end(struct ktstr_worker *worker)
{
	struct churn_state *state = (struct churn_state *)worker->state;

	if (state->home >= 0) {
		/* If it cannot go back, its cgroup stays busy, and stays. */
		if (write(state->home, state->text, state->text_bytes) < 0)
			worker_complain(worker, "go back to its cgroup: %s", strerror(errno));
		close(state->home);
	}
	for (unsigned i = 0; state->procs && i < state->count; i++) {
		char name[NAME_BYTES];

		close_group(state, i);
		snprintf(name, sizeof(name), GROUP_FORMAT, i);
		unlinkat(state->parent, name, AT_REMOVEDIR); /* the last worker succeeds */
	}
	free(state->procs);
	if (state->parent >= 0)
		close(state->parent);
}

const struct ktstr_work_ops ktstr_work_cgroup_churn = {
	.name = "CgroupChurn",
	.summary = "moves itself from one cgroup to the next",
	.params_size = sizeof(struct ktstr_work_cgroup_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_cgroup_churn_params, groups, 2,
				    "cgroups to move between"),
			WORK_NUMBER(struct ktstr_work_cgroup_churn_params, cycle_ms, 100,
				    "ms in each"),
			WORK_TEXT(struct ktstr_work_cgroup_churn_params, parent,
				  "folder of the cgroups (" KTSTR_CGROUP_PARENT ")"),
			{ 0 },
		},
	.check = cgroup_churn_check,
	.not_as_thread = NOT_AS_THREAD,
	.not_in_container = NOT_AS_THREAD,
	.state_size = sizeof(struct churn_state),
	.prepare = cgroup_churn_prepare,
	.begin = cgroup_churn_begin,
	.iterate = cgroup_churn_iterate,
	.end = cgroup_churn_end,
};
