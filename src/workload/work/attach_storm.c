// SPDX-License-Identifier: GPL-2.0-only
/* CgroupAttachStorm: dying children that are moved to another cgroup. */
#include "workload/work/attach_storm.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workload/work.h"
#include "workload/work/child.h"
#include "workload/work/own_cgroup.h"
#include "workload/worker.h"

#define DEST_MAX 255

struct storm_state {
	int parent; /* folder of the worker's cgroup's parent; -1: none */
	int procs;  /* cgroup.procs of dest; -1: not open */
	char file[DEST_MAX + sizeof("/cgroup.procs")];
};

bool attach_dest_is_valid(const char *dest)
{
	const char *component = dest;

	if (!*dest || strlen(dest) > DEST_MAX)
		return false;
	for (;;) {
		size_t length = strcspn(component, "/");

		if (!length || (length == 1 && component[0] == '.') ||
		    (length == 2 && component[0] == '.' && component[1] == '.'))
			return false;
		if (!component[length])
			return true;
		component += length + 1;
	}
}

static int cgroup_attach_storm_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_cgroup_attach_storm_params *storm = params;

	if (!storm->dest)
		return ktstr_error_set(error, -EINVAL,
				       "dest is missing: name a cgroup beside the worker's own");
	if (!attach_dest_is_valid(storm->dest))
		return ktstr_error_set(error, -EINVAL,
				       "dest '%s' is not a relative path of at most %d bytes "
				       "without empty, '.' and '..' parts",
				       storm->dest, DEST_MAX);
	return 0;
}

static void open_parent(struct ktstr_worker *worker, struct storm_state *state)
{
	char path[OWN_CGROUP_MAX];
	struct ktstr_error error;

	if (own_cgroup_path(path, &error)) {
		worker_complain(worker, "%s", error.text);
		return;
	}
	*strrchr(path, '/') = '\0';
	state->parent = open(path, O_DIRECTORY | O_PATH | O_CLOEXEC);
	if (state->parent < 0)
		worker_complain(worker, "open %s: %s", path, strerror(errno));
}

static void cgroup_attach_storm_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_cgroup_attach_storm_params *storm = worker->params;
	struct storm_state *state = (struct storm_state *)worker->state;

	state->parent = -1;
	state->procs = -1;
	snprintf(state->file, sizeof(state->file), "%s/cgroup.procs", storm->dest);
}

static void cgroup_attach_storm_begin(struct ktstr_worker *worker)
{
	const struct ktstr_work_cgroup_attach_storm_params *storm = worker->params;
	struct storm_state *state = (struct storm_state *)worker->state;

	open_parent(worker, state);
	if (storm->reap == KTSTR_REAP_SIG_IGN)
		signal(SIGCHLD, SIG_IGN);
}

static bool open_dest(struct ktstr_worker *worker, struct storm_state *state)
{
	if (state->procs >= 0)
		return true;
	if (state->parent < 0)
		return false;
	state->procs = openat(state->parent, state->file, O_WRONLY | O_CLOEXEC);
	if (state->procs < 0)
		worker_complain(worker, "dest: open %s beside the worker's cgroup: %s", state->file,
				strerror(errno));
	return state->procs >= 0;
}

static void attach(struct ktstr_worker *worker, struct storm_state *state, pid_t child)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", child);

	/* ESRCH: the child was faster. That race is what this work is for. */
	if (write(state->procs, text, (size_t)length) >= 0 || errno == ESRCH)
		return;
	worker_complain(worker, "dest: move a child to %s: %s", state->file, strerror(errno));
	close(state->procs);
	state->procs = -1;
}

static enum work_next cgroup_attach_storm_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_cgroup_attach_storm_params *storm = worker->params;
	struct storm_state *state = (struct storm_state *)worker->state;
	uint64_t waited_ns;
	pid_t child;

	if (!open_dest(worker, state)) {
		sched_yield();
		return WORK_NEXT;
	}
	child = child_fork();
	if (child < 0)
		sched_yield();
	else
		attach(worker, state, child);
	if (child > 0 && storm->reap == KTSTR_REAP_WAITPID && child_reap(worker, child, &waited_ns))
		worker_sample_wake(worker, waited_ns);
	worker->work_units++;
	return WORK_NEXT;
}

static void cgroup_attach_storm_end(struct ktstr_worker *worker)
{
	const struct storm_state *state = (const struct storm_state *)worker->state;

	if (state->procs >= 0)
		close(state->procs);
	if (state->parent >= 0)
		close(state->parent);
}

static const char *const reap_words[] = { "sig_ign", "waitpid", NULL };

const struct ktstr_work_ops ktstr_work_cgroup_attach_storm = {
	.name = "CgroupAttachStorm",
	.summary = "forks children that exit at once and moves them to another cgroup",
	.params_size = sizeof(struct ktstr_work_cgroup_attach_storm_params),
	.params =
		(const struct work_param[]){
			WORK_TEXT(struct ktstr_work_cgroup_attach_storm_params, dest,
				  "the cgroup, beside the worker's own; must be given"),
			WORK_WORD(struct ktstr_work_cgroup_attach_storm_params, reap, reap_words,
				  "who reaps the children"),
			{ 0 },
		},
	.check = cgroup_attach_storm_check,
	.not_as_thread = CHILD_NOT_AS_THREAD,
	.not_in_container = CHILD_NOT_AS_THREAD,
	.state_size = sizeof(struct storm_state),
	.prepare = cgroup_attach_storm_prepare,
	.begin = cgroup_attach_storm_begin,
	.iterate = cgroup_attach_storm_iterate,
	.end = cgroup_attach_storm_end,
};
