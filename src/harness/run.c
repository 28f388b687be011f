// SPDX-License-Identifier: GPL-2.0-only
/*
 * One test in the guest. The agent starts the test binary with the request in the environment and
 * a pipe; milestones and the result go into the pipe, everything printed goes to the log port.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "harness/channel.h"
#include "harness/request.h"
#include "harness/run.h"
#include "scenario/captures.h"
#include "scenario/ctx.h"
#include "scenario/stimulus.h"
#include "topology/machine_memory.h"
#include "wire/message.h"

#define SCHED_EXT_STATE "/sys/kernel/sched_ext/state"

/* What the scenario's bridge needs. */
struct guest_bridge {
	int channel;
	int state_fd; /* SCHED_EXT_STATE, open as it is read every 100 ms; -1: none */
};

/* What sysfs says about a scheduler that is no longer there. */
static bool is_down(const char *state)
{
	/* "enabling" is up: the agent saw it enabled. Words of later kernels are not down. */
	return strcmp(state, "disabled\n") == 0 || strcmp(state, "disabling\n") == 0;
}

static bool scheduler_down(void *data)
{
	const struct guest_bridge *bridge = data;
	char state[32];
	ssize_t got = pread(bridge->state_fd, state, sizeof(state) - 1, 0);

	if (got < 0)
		return false;
	state[got] = '\0';
	return is_down(state);
}

/* A milestone that cannot be sent costs a line in a report, so it does not stop the test. */
static void send(const struct guest_bridge *bridge, const char *name, json_t *json)
{
	struct ktstr_error error = { 0 };

	if (channel_send(bridge->channel, MESSAGE_EVENT, json, &error))
		fprintf(stderr, "ktstr: event '%s' lost: %s\n", name, error.text);
	json_decref(json);
}

static void send_event(void *data, const char *name, int step)
{
	json_t *json = json_pack("{s:s, s:I}", "name", name, "at_us",
				 (json_int_t)(clock_now_ns() / NS_PER_US));

	if (json && step >= 0)
		json_object_set_new(json, "step", json_integer(step));
	send(data, name, json);
}

static void send_stimulus(void *data, const struct stimulus *stimulus)
{
	json_t *json = json_pack("{s:s, s:I, s:i, s:I, s:i, s:I, s:i, s:i, s:I}", "name",
				 "stimulus", "at_us", (json_int_t)(clock_now_ns() / NS_PER_US),
				 "step", stimulus->step_index - 1, "elapsed_ms",
				 (json_int_t)stimulus->elapsed_ms, "op_count", stimulus->op_count,
				 "op_kinds", (json_int_t)stimulus->op_kinds, "cgroup_count",
				 stimulus->cgroup_count, "worker_count", stimulus->worker_count,
				 "total_iterations", (json_int_t)stimulus->total_iterations);

	send(data, "stimulus", json);
}

/* A test that could not run says why in the verdict; make sure that it does. */
static void explain_failure(struct verdict *verdict, const struct ktstr_test *test, int err)
{
	if (verdict_outcome(verdict) != VERDICT_FAIL)
		verdict_add(verdict, VERDICT_FAIL, DETAIL_OTHER, "test '%s' could not run: %s",
			    test->name, strerror(-err));
}

static int run_test(const struct ktstr_test *test, const struct run_request *request,
		    struct guest_bridge *guest, struct ktstr_machine *machine,
		    struct ktstr_cgroups *cgroups, struct ktstr_error *error)
{
	struct captures captures = { 0 };
	struct ktstr_ctx ctx = {
		.cgroups = cgroups,
		.machine = machine,
		.duration_ms = request->duration_ms,
		.workers_per_cgroup = request->workers_per_cgroup,
		.check = request->check,
		.verdict = verdict_new(),
		.work_override = request->has_work ? &request->work : NULL,
		.watch_stalls = request->cgroup_parent[0], /* a guest has its host for that */
		.captures = &captures,
		.bridge = { .event = send_event, .stimulus = send_stimulus, .data = guest },
	};
	int err, sent;

	if (!ctx.verdict)
		return ktstr_error_set(error, -ENOMEM, "no memory for a verdict");
	if (guest->state_fd >= 0)
		ctx.bridge.scheduler_down = scheduler_down;
	err = test->run(&ctx);
	captures_release(&captures);
	ctx_release_memory(&ctx);
	if (err < 0)
		explain_failure(ctx.verdict, test, err);
	send_event(guest, err < 0 ? "test_could_not_run" : "test_end", -1);
	sent = channel_send_result(guest->channel, ctx.verdict, error);
	verdict_free(ctx.verdict);
	if (sent)
		return sent;
	return err < 0 ? RUN_COULD_NOT_RUN : RUN_JUDGED;
}

/* Files that came along for a payload are then where its arguments say. */
static int enter_own_folder(struct ktstr_error *error)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		return ktstr_error_set(error, -errno, "read '/proc/self/exe': %s", strerror(errno));
	path[length] = '\0';
	*strrchr(path, '/') = '\0';
	if (chdir(path))
		return ktstr_error_set(error, -errno, "folder '%s': %s", path, strerror(errno));
	return 0;
}

static int prepare_and_run(const struct ktstr_test *test, struct ktstr_error *error)
{
	const char *text = getenv(WIRE_RUN_ENV);
	struct ktstr_machine *machine = NULL;
	struct ktstr_cgroups *cgroups = NULL;
	struct run_request request;
	struct guest_bridge bridge;
	auto_close int channel = -1;
	auto_close int state_fd = -1;
	int err = channel_open(&channel, error);

	if (err)
		return err;
	if (!text)
		return ktstr_error_set(error, -EINVAL, "%s is not set", WIRE_RUN_ENV);
	err = run_request_parse(text, &request, error);
	if (!err)
		err = enter_own_folder(error);
	if (err)
		return err;
	if (request.scheduler) {
		state_fd = open(SCHED_EXT_STATE, O_RDONLY | O_CLOEXEC);
		if (state_fd < 0)
			return ktstr_error_set(error, -errno, "open '%s': %s", SCHED_EXT_STATE,
					       strerror(errno));
	}
	bridge = (struct guest_bridge){ .channel = channel, .state_fd = state_fd };
	/* The agent has compared them; hwloc would take most of the time to the test's start. */
	if (request.topology.cores) {
		err = ktstr_machine_from_topology(&request.topology, &machine, error);
		if (!err)
			machine_read_memory(machine, MACHINE_NODES);
	} else {
		err = ktstr_machine_from_system(&machine, error);
	}
	if (!err)
		err = ktstr_cgroups_new(request.cgroup_parent[0] ? request.cgroup_parent : NULL,
					request.walk_root[0] ? request.walk_root : NULL, &cgroups,
					error);
	if (!err)
		err = run_test(test, &request, &bridge, machine, cgroups, error);
	ktstr_cgroups_free(cgroups);
	ktstr_machine_free(machine);
	return err;
}

int run_in_guest(const struct ktstr_test *test)
{
	struct ktstr_error error = { 0 };
	int status = prepare_and_run(test, &error);

	if (status >= 0)
		return status;
	fprintf(stderr, "ktstr: test '%s': %s\n", test->name, error.text);
	return RUN_NO_RESULT;
}
