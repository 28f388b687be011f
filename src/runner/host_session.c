// SPDX-License-Identifier: GPL-2.0-only
/* One test on this machine itself: start, listen, end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "runner/facts_messages.h"
#include "runner/host_child.h"
#include "runner/host_session.h"
#include "runner/run_message.h"
#include "wire/frame.h"
#include "wire/message_json.h"

#define END_LIMIT_MS 5000 /* for a killed process to be gone, which may wait for a disk */

struct session {
	const struct test_plan *plan;
	struct run_facts *facts;
	struct host_cgroup cgroup;
	struct host_child child;
	struct frame_reader *reader;
};

static void infra_error(struct run_facts *facts, const struct ktstr_error *error)
{
	if (!facts->infra_error[0])
		snprintf(facts->infra_error, sizeof(facts->infra_error), "%.500s", error->text);
}

int host_env_open(struct host_env *ret_env, struct ktstr_error *error)
{
	struct host_env env = { .cgroups = { .fd = -1 } };
	int err = host_cgroups_open(&env.cgroups, error);

	if (!err)
		err = ktstr_machine_from_system(&env.machine, error);
	if (err) {
		host_env_close(&env);
		return err;
	}
	*ret_env = env;
	return 0;
}

void host_env_close(struct host_env *env)
{
	if (env->cgroups.parent[0])
		host_cgroups_close(&env->cgroups);
	ktstr_machine_free(env->machine);
	*env = (struct host_env){ .cgroups = { .fd = -1 } };
}

static unsigned threads_per_core(const struct ktstr_machine *machine)
{
	cpu_set_t cpus, siblings;
	unsigned most = 0;

	ktstr_machine_cpus(machine, &cpus);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &cpus))
			continue;
		ktstr_machine_cpu_siblings(machine, cpu, &siblings);
		if ((unsigned)CPU_COUNT(&siblings) > most)
			most = (unsigned)CPU_COUNT(&siblings);
	}
	return most;
}

static bool fits(const struct ktstr_topology *topology, const struct ktstr_machine *machine)
{
	return topology->numa_nodes <= ktstr_machine_num_numa_nodes(machine) &&
	       topology->llcs <= ktstr_machine_num_llcs(machine) &&
	       topology->llcs * topology->cores <= ktstr_machine_num_cores(machine) &&
	       topology->threads <= threads_per_core(machine) &&
	       ktstr_topology_num_cpus(topology) <= ktstr_machine_num_cpus(machine);
}

const char *host_skip_reason(const struct test_plan *plan, const struct ktstr_machine *machine,
			     char text[HOST_REASON_MAX])
{
	const struct binary_test *test = plan->test;
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	if (test->scheduler)
		snprintf(text, HOST_REASON_MAX,
			 "scheduler '%.100s' is attached in VMs only; leave out --host",
			 test->scheduler->name);
	else if (test->devices.disk_mib || test->devices.network)
		snprintf(text, HOST_REASON_MAX, "it asks for a %s, which VMs only have",
			 test->devices.disk_mib ? "disk" : "network interface");
	else if (!fits(&plan->topology, machine))
		snprintf(
			text, HOST_REASON_MAX,
			"topology %s (NUMA nodes, LLCs, cores per LLC, threads per core) is larger "
			"than this machine: %u NUMA nodes, %u LLCs, %u cores, %u CPUs",
			ktstr_topology_format(&plan->topology, topology),
			ktstr_machine_num_numa_nodes(machine), ktstr_machine_num_llcs(machine),
			ktstr_machine_num_cores(machine), ktstr_machine_num_cpus(machine));
	else
		return NULL;
	return text;
}

static void skip(struct run_facts *facts, const char *reason)
{
	struct ktstr_error error = { 0 };

	facts->verdict = verdict_new();
	if (facts->verdict) {
		verdict_add(facts->verdict, VERDICT_SKIP, DETAIL_SKIP, "%s", reason);
		facts->stage = STAGE_DONE;
		return;
	}
	ktstr_error_set(&error, -ENOMEM, "no memory for a verdict");
	infra_error(facts, &error);
}

static int take_message(struct run_facts *facts, const struct frame *frame,
			struct ktstr_error *error)
{
	struct json_place place;
	json_t *json = NULL;
	int err;

	if (frame->type != MESSAGE_EVENT && frame->type != MESSAGE_RESULT)
		return ktstr_error_set(error, -EBADMSG,
				       "message %s (type %u) where EVENT or RESULT is due",
				       message_type_str(frame->type), frame->type);
	err = message_parse(frame, &json, error);
	if (!err)
		err = json_place_enter(&place, json, error, "%s", message_type_str(frame->type));
	if (!err)
		err = frame->type == MESSAGE_EVENT ? facts_take_event(facts, &place, error)
						   : facts_take_result(facts, &place, error);
	json_decref(json);
	return err;
}

static void close_channel(struct session *session)
{
	close(session->child.channel_fd);
	session->child.channel_fd = -1;
}

/* What there is; false when there is no more for now. A broken stream is closed. */
static bool read_channel(struct session *session)
{
	struct run_facts *facts = session->facts;
	struct ktstr_error error = { 0 };
	struct frame frame;
	int result;
	long got = frame_reader_fill(session->reader, session->child.channel_fd);

	if (got == -EAGAIN || got == -EINTR)
		return false;
	while ((result = frame_reader_next(session->reader, &frame, &error)) == 1) {
		result = take_message(facts, &frame, &error);
		if (result)
			break;
	}
	if (!result && got <= 0)
		result = got < 0 ? ktstr_error_set(&error, (int)got, "read: %s",
						   strerror((int)-got))
				 : frame_reader_end(session->reader, &error);
	if (result < 0)
		snprintf(facts->stream_error, sizeof(facts->stream_error),
			 "message from the test's process: %.450s", error.text);
	if (result < 0 || got <= 0)
		close_channel(session);
	return result >= 0 && got > 0;
}

static bool read_output(struct session *session)
{
	char chunk[16384];
	ssize_t got = read(session->child.output_fd, chunk, sizeof(chunk));

	if (got > 0)
		tail_append(&session->facts->test_log, chunk, (size_t)got);
	else if (got == 0 || errno != EAGAIN) {
		close(session->child.output_fd);
		session->child.output_fd = -1;
	}
	return got > 0;
}

/* True when the process has ended; false: the deadline, a broken stream, or the user's wish. */
static bool listen_until(struct session *session, int stop_fd, uint64_t deadline_ns)
{
	struct run_facts *facts = session->facts;

	while (!facts->stream_error[0]) {
		struct pollfd fds[] = {
			{ .fd = session->child.pidfd, .events = POLLIN },
			{ .fd = session->child.channel_fd, .events = POLLIN },
			{ .fd = session->child.output_fd, .events = POLLIN },
			{ .fd = stop_fd, .events = POLLIN },
		};
		int ready = poll(fds, sizeof(fds) / sizeof(fds[0]),
				 clock_poll_timeout_ms(deadline_ns));

		if (ready > 0 && fds[3].revents) {
			facts->interrupted = true;
			return false;
		}
		if (ready > 0 && fds[1].revents)
			read_channel(session);
		if (ready > 0 && fds[2].revents)
			read_output(session);
		if (ready > 0 && fds[0].revents)
			return true;
		if (clock_now_ns() >= deadline_ns) {
			facts->timed_out_ms = session->plan->timeout_ms;
			return false;
		}
	}
	return false;
}

/* End what is left of it; how it ended is a fact only when it did so by itself. */
static void reap(struct session *session, bool by_itself)
{
	struct pollfd ended = { .fd = session->child.pidfd, .events = POLLIN };
	struct run_facts *facts = session->facts;
	siginfo_t info = { 0 };

	host_cgroup_kill(&session->cgroup);
	if (!by_itself)
		kill(session->child.pid, SIGKILL);
	if (poll(&ended, 1, END_LIMIT_MS) <= 0) {
		facts->unresponsive = true;
		return;
	}
	if (waitid(P_PIDFD, (id_t)session->child.pidfd, &info, WEXITED) || !by_itself)
		return;
	facts->exited = true;
	facts->exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
	facts->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
	facts->stage = STAGE_DONE;
}

static void run_child(struct session *session, int stop_fd)
{
	uint64_t begin_ns = clock_now_ns();
	bool by_itself;

	session->facts->stage = STAGE_SCENARIO;
	by_itself = listen_until(session, stop_fd, clock_deadline_ms(session->plan->timeout_ms));
	reap(session, by_itself);
	/* Whoever could write is gone, so what the pipes hold is all there will be. */
	while (session->child.channel_fd >= 0 && read_channel(session))
		;
	while (session->child.output_fd >= 0 && read_output(session))
		;
	run_facts_add_phase(session->facts, "test", clock_now_ns() - begin_ns);
	auto_close_fn(&session->child.channel_fd);
	auto_close_fn(&session->child.output_fd);
	close(session->child.pidfd);
}

static int start(struct session *session, const struct host_env *env, struct ktstr_error *error)
{
	const struct run_message_place place = {
		.binary = session->plan->binary->path,
		.cgroup_parent = session->cgroup.scenario,
		.walk_root = env->cgroups.walk_root,
	};
	json_t *message = run_message_new(session->plan, 1, &place);
	auto_free char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	if (!text)
		return ktstr_error_set(error, -ENOMEM, "no memory for the request to run the test");
	return host_child_start(session->plan->binary->path, session->plan->test->name, text,
				session->cgroup.procs_fd, &session->child, error);
}

void host_session_run(const struct host_env *env, const struct test_plan *plan, int stop_fd,
		      struct run_facts *ret_facts)
{
	struct session session = { .plan = plan, .facts = ret_facts };
	uint64_t begin_ns = clock_now_ns(), end_ns;
	struct ktstr_error error = { 0 };
	char reason[HOST_REASON_MAX];
	struct utsname name;
	int err;

	*ret_facts = (struct run_facts){ .exit_code = -1 };
	if (!uname(&name))
		snprintf(ret_facts->kernel, sizeof(ret_facts->kernel), "%.63s", name.release);
	if (host_skip_reason(plan, env->machine, reason)) {
		skip(ret_facts, reason);
		return;
	}
	err = frame_reader_new(&session.reader, &error);
	if (!err)
		err = host_cgroup_make(&env->cgroups, &session.cgroup, &error);
	if (!err) {
		err = start(&session, env, &error);
		if (!err)
			run_child(&session, stop_fd);
		end_ns = clock_now_ns();
		if (host_cgroup_remove(&env->cgroups, &session.cgroup, err ? NULL : &error))
			err = err ? err : error.code;
		ret_facts->cleanup_ns = clock_now_ns() - end_ns;
	}
	if (err)
		infra_error(ret_facts, &error);
	frame_reader_free(session.reader);
	ret_facts->duration_ns = clock_now_ns() - begin_ns;
}
