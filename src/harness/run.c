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
		.settle_ms = test->settle_ms,
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

static int open_scheduler_state(const struct run_request *request, int *ret_fd,
				struct ktstr_error *error)
{
	int fd = request->scheduler ? open(SCHED_EXT_STATE, O_RDONLY | O_CLOEXEC) : -1;

	if (request->scheduler && fd < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", SCHED_EXT_STATE,
				       strerror(errno));
	*ret_fd = fd;
	return 0;
}

int test_place_make(const struct ktstr_topology *topology, const char *cgroup_parent,
		    const char *walk_root, struct test_place *ret_place, struct ktstr_error *error)
{
	struct test_place place = { .topology = *topology };
	int err = enter_own_folder(error);

	if (err)
		return err;
	/* The agent has compared them; hwloc would take most of the time to the test's start. */
	if (topology->cores) {
		err = ktstr_machine_from_topology(topology, &place.machine, error);
		if (!err)
			machine_read_memory(place.machine, MACHINE_NODES);
	} else {
		err = ktstr_machine_from_system(&place.machine, error);
	}
	if (!err)
		err = ktstr_cgroups_new(cgroup_parent, walk_root, &place.cgroups, error);
	if (err)
		test_place_release(&place);
	else
		*ret_place = place;
	return err;
}

void test_place_release(struct test_place *place)
{
	ktstr_cgroups_free(place->cgroups);
	ktstr_machine_free(place->machine);
	*place = (struct test_place){ 0 };
}

/* What was made while the process waited does where it is what is asked for now. */
static int settle_place(const struct run_request *request, struct test_place *place,
			struct ktstr_error *error)
{
	bool on_host = request->cgroup_parent[0];

	if (place->machine && !on_host &&
	    memcmp(&place->topology, &request->topology, sizeof(place->topology)) == 0)
		return 0;
	test_place_release(place);
	return test_place_make(&request->topology, on_host ? request->cgroup_parent : NULL,
			       on_host ? request->walk_root : NULL, place, error);
}

static int run_as_asked(const struct ktstr_test *test, const char *text, int channel,
			struct test_place *place, struct ktstr_error *error)
{
	struct run_request request;
	auto_close int state_fd = -1;
	int err = run_request_parse(text, &request, error);

	if (!err)
		err = open_scheduler_state(&request, &state_fd, error);
	if (!err)
		err = settle_place(&request, place, error);
	if (err)
		return err;
	struct guest_bridge bridge = { .channel = channel, .state_fd = state_fd };

	return run_test(test, &request, &bridge, place->machine, place->cgroups, error);
}

int run_in_place(const struct ktstr_test *test, const char *request, int channel,
		 struct test_place *place)
{
	struct ktstr_error error = { 0 };
	int status = run_as_asked(test, request, channel, place, &error);

	test_place_release(place);
	if (status >= 0)
		return status;
	fprintf(stderr, "ktstr: test '%s': %s\n", test->name, error.text);
	return RUN_NO_RESULT;
}

int run_in_guest(const struct ktstr_test *test)
{
	const char *text = getenv(WIRE_RUN_ENV);
	struct test_place place = { 0 };
	auto_close int channel = -1;
	struct ktstr_error error = { 0 };
	int err = channel_open(&channel, &error);

	if (!err && !text)
		err = ktstr_error_set(&error, -EINVAL, "%s is not set", WIRE_RUN_ENV);
	auto_free char *request = err ? NULL : strdup(text);

	if (!err && !request)
		err = ktstr_error_set(&error, -ENOMEM, "no memory for the request");
	/* What the test starts has no use for it. */
	unsetenv(WIRE_RUN_ENV);
	if (!err)
		return run_in_place(test, request, channel, &place);
	fprintf(stderr, "ktstr: test '%s': %s\n", test->name, error.text);
	return RUN_NO_RESULT;
}
