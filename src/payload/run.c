// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of one run: started, drained, ended one way or another, judged, recorded. A handle is
 * consumed by the call that ends its run, and stays until it is freed, to say so when asked again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "payload/drain.h"
#include "payload/metrics.h"
#include "payload/path.h"
#include "payload/payload.h"
#include "payload/process.h"
#include "workload/leader.h"

/* What has been killed needs a CPU once to die, on a machine whose scheduler is under test. */
#define DIE_MS 5000

struct ktstr_payload_run {
	struct payload_env env;
	const struct ktstr_payload *payload;
	struct ktstr_metric_checks checks;	 /* the payload's, where they count */
	struct ktstr_metric_checks added_checks; /* this run's own */
	unsigned index;
	pid_t owner;
	pid_t pid; /* 0: consumed */
	struct drain *drain;
};

static size_t list_length(const char *const *list)
{
	size_t count = 0;

	for (; list && *list; list++)
		count++;
	return count;
}

static size_t append(const char **argv, size_t at, const char *const *list)
{
	for (; list && *list; list++)
		argv[at++] = *list;
	return at;
}

/* Borrowed texts; the caller frees the array. */
static char **new_argv(const char *exe, const char *const *first, const char *const *second)
{
	const char **argv = calloc(list_length(first) + list_length(second) + 2, sizeof(*argv));

	if (!argv)
		return NULL;
	argv[0] = exe;
	append(argv, append(argv, 1, first), second);
	return (char **)(uintptr_t)argv;
}

static int start(struct ktstr_payload_run *run, const struct ktstr_payload_options *options,
		 struct ktstr_error *error)
{
	const struct ktstr_payload *payload = run->payload;
	char path[PATH_MAX];
	auto_free char **argv = NULL;
	struct payload_process process;
	int err = payload_path(payload_exe(payload), path, error);

	if (!err)
		err = drain_new(&run->drain, error);
	if (err)
		return ktstr_error_wrap(error, err, "payload '%s'", payload->name);
	argv = new_argv(payload_exe(payload), options->clear_args ? NULL : payload->args,
			options->args);
	if (!argv)
		return ktstr_error_set(error, -ENOMEM, "payload '%s': no memory", payload->name);
	process = (struct payload_process){
		.path = path,
		.argv = argv,
		.cgroups = run->env.cgroups,
		.cgroup = options->cgroup,
		.own_group = !payload->uses_parent_pgrp,
		.out_fd = drain_child_fd(run->drain, KTSTR_STDOUT),
		.err_fd = drain_child_fd(run->drain, KTSTR_STDERR),
		.step_ms = PAYLOAD_STEP_MS,
	};
	err = payload_process_start(&process, &run->pid, error);
	if (!err)
		err = drain_start(run->drain, error);
	return err ? ktstr_error_wrap(error, err, "payload '%s'", payload->name) : 0;
}

int payload_spawn(const struct payload_env *env, const struct ktstr_payload *payload,
		  const struct ktstr_payload_options *options, struct ktstr_payload_run **ret_run,
		  struct ktstr_error *error)
{
	static const struct ktstr_payload_options none;
	struct ktstr_payload_run *run;
	int err;

	if (!options)
		options = &none;
	err = payload_check(payload, error);
	if (!err)
		err = payload_check_flags(payload, options->args, error);
	if (err)
		return err;
	err = payload_check_checks(&options->checks, error);
	if (!err)
		err = process_check_waitable(error);
	if (err)
		return ktstr_error_wrap(error, err, "payload '%s'", payload->name);
	run = calloc(1, sizeof(*run));
	if (!run)
		return ktstr_error_set(error, -ENOMEM, "payload '%s': no memory", payload->name);
	*run = (struct ktstr_payload_run){
		.env = *env,
		.payload = payload,
		.added_checks = options->checks,
		.owner = getpid(),
	};
	if (!options->clear_checks)
		run->checks = payload->checks;
	err = start(run, options, error);
	if (err) {
		/* There is nothing to lose yet. */
		run->env.note = NULL;
		ktstr_payload_free(run);
		return err;
	}
	run->index = (*env->next_index)++;
	*ret_run = run;
	return 0;
}

int ktstr_payload_pid(const struct ktstr_payload_run *run)
{
	return run->pid;
}

/* Before the leader is reaped: until then its pid, and so its group, is its own. */
static void kill_rest(const struct ktstr_payload_run *run, int to_leader)
{
	if (!run->payload->uses_parent_pgrp)
		leader_kill_group(run->pid);
	else if (to_leader)
		leader_signal(run->pid, SIGKILL);
}

/* Kill, reap and wait for what was in the group. The run is consumed when the leader is reaped. */
static int end(struct ktstr_payload_run *run, struct ktstr_exit_info *ret_how)
{
	uint64_t deadline_ns = clock_deadline_ms(DIE_MS);
	pid_t pid = run->pid;
	int err = leader_wait(pid, deadline_ns);

	if (err == -ETIMEDOUT)
		return err;
	/* One that is gone already, for whatever reason, is the reaper's to tell. */
	(void)leader_reap(pid, ret_how);
	run->pid = 0;
	/* What outlives this limit cannot be killed; the cgroup's removal will say so. */
	if (!run->payload->uses_parent_pgrp)
		(void)leader_wait_group_gone(pid, deadline_ns);
	drain_stop(run->drain);
	return 0;
}

static void set_exit(struct ktstr_payload_result *result, const struct ktstr_exit_info *how)
{
	result->exit_code = how->kind == KTSTR_EXIT_EXITED ? how->code : -1;
	result->signal = how->kind == KTSTR_EXIT_SIGNALED ? how->code : 0;
}

__attribute__((format(printf, 2, 3))) static void note(const struct ktstr_payload_run *run,
						       const char *format, ...)
{
	char text[512];
	va_list args;
	int used;

	if (!run->env.note)
		return;
	used = snprintf(text, sizeof(text), "payload '%.128s': ", run->payload->name);
	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
	va_end(args);
	run->env.note(run->env.data, text);
}

static int take_output(struct ktstr_payload_run *run, struct ktstr_payload_result *result)
{
	result->out = drain_take(run->drain, KTSTR_STDOUT, &result->out_size);
	result->err = drain_take(run->drain, KTSTR_STDERR, &result->err_size);
	if (!result->out || !result->err)
		return -ENOMEM;
	result->discarded_bytes = drain_discarded(run->drain);
	if (result->discarded_bytes)
		note(run, "%llu bytes of its output were discarded: %u MiB of each stream are kept",
		     (unsigned long long)result->discarded_bytes, KTSTR_PAYLOAD_OUTPUT_MAX >> 20);
	return 0;
}

static int take_metrics(struct ktstr_payload_run *run, struct ktstr_payload_result *result)
{
	auto_metric_list struct metric_list list = { 0 };
	int err = extract_metrics(&run->payload->output, result, &list);

	if (err)
		return err;
	if (list.dropped)
		note(run,
		     "%zu numbers of its output were dropped: more than %d, or with names of "
		     "%d bytes and more",
		     list.dropped, KTSTR_METRICS_MAX, METRIC_NAME_MAX);
	metric_list_apply_hints(&list, &run->payload->hints);
	result->metrics = take_pointer(list.items);
	result->num_metrics = list.count;
	list = (struct metric_list){ 0 };
	return metric_checks_judge(&run->checks, &run->added_checks, result);
}

/* The program has ended, or is killed now: everything from there to the record. */
static int collect(struct ktstr_payload_run *run, bool timed_out,
		   struct ktstr_payload_result **ret_result, struct ktstr_error *error)
{
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = calloc(1, sizeof(*result));
	struct ktstr_exit_info how = { 0 };
	int err = result ? 0 : -ENOMEM;

	if (!err)
		err = end(run, &how);
	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err, "payload '%s': pid %d did not die within %d ms",
				       run->payload->name, (int)run->pid, DIE_MS);
	if (!err) {
		result->name = run->payload->name;
		result->index = run->index;
		result->timed_out = timed_out;
		set_exit(result, &how);
		err = take_output(run, result);
	}
	if (!err)
		err = take_metrics(run, result);
	if (err)
		return ktstr_error_set(error, err, "payload '%s': no memory for its result",
				       run->payload->name);
	if (run->env.record)
		run->env.record(run->env.data, result);
	if (ret_result)
		*ret_result = take_pointer(result);
	return 0;
}

static int check_not_consumed(const struct ktstr_payload_run *run, struct ktstr_error *error)
{
	if (run->owner != getpid())
		return ktstr_error_set(error, -ECHILD,
				       "payload '%s': only the process that started it can wait "
				       "for it",
				       run->payload->name);
	if (run->pid)
		return 0;
	return ktstr_error_set(error, -EINVAL,
			       "payload '%s': this run has been waited for or killed before",
			       run->payload->name);
}

/* *ret_timed_out: it was killed for being late. */
static int wait_until(struct ktstr_payload_run *run, uint64_t deadline_ns,
		      struct ktstr_payload_result **ret_result, struct ktstr_error *error)
{
	int err = check_not_consumed(run, error);
	bool timed_out;

	if (err)
		return err;
	timed_out = leader_wait(run->pid, deadline_ns) == -ETIMEDOUT;
	kill_rest(run, timed_out);
	return collect(run, timed_out, ret_result, error);
}

int ktstr_payload_wait(struct ktstr_payload_run *run, struct ktstr_payload_result **ret_result,
		       struct ktstr_error *error)
{
	return wait_until(run, UINT64_MAX, ret_result, error);
}

int ktstr_payload_try_wait(struct ktstr_payload_run *run, struct ktstr_payload_result **ret_result,
			   struct ktstr_error *error)
{
	int err = check_not_consumed(run, error);

	if (err)
		return err;
	if (!leader_ended(run->pid))
		return ktstr_error_set(error, -EAGAIN, "payload '%s': pid %d still runs",
				       run->payload->name, (int)run->pid);
	kill_rest(run, false);
	return collect(run, false, ret_result, error);
}

int ktstr_payload_kill(struct ktstr_payload_run *run, struct ktstr_payload_result **ret_result,
		       struct ktstr_error *error)
{
	int err = check_not_consumed(run, error);

	if (err)
		return err;
	kill_rest(run, true);
	return collect(run, false, ret_result, error);
}

void ktstr_payload_free(struct ktstr_payload_run *run)
{
	struct ktstr_exit_info how;

	if (!run)
		return;
	if (run->pid && run->owner == getpid()) {
		kill_rest(run, true);
		(void)end(run, &how);
		note(run, "dropped without being waited for: it was killed, its metrics are lost");
	}
	drain_free(run->drain);
	free(run);
}

int payload_run(const struct payload_env *env, const struct ktstr_payload *payload,
		const struct ktstr_payload_options *options,
		struct ktstr_payload_result **ret_result, struct ktstr_error *error)
{
	KTSTR_AUTO_PAYLOAD_RUN struct ktstr_payload_run *run = NULL;
	uint64_t timeout_ms = options ? options->timeout_ms : 0;
	int err = payload_spawn(env, payload, options, &run, error);

	if (err)
		return err;
	return wait_until(run, timeout_ms ? clock_deadline_ms(timeout_ms) : UINT64_MAX, ret_result,
			  error);
}
