// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running one test: the scheduler under it, the process, its two pipes. The process is not
 * trusted: it may write garbage, crash, hang, or leave others behind, and each of these ends in a
 * message to the host. What its frames mean is not our business, only that they are frames.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "guest/cgroup_root.h"
#include "guest/child.h"
#include "guest/phases.h"
#include "guest/processes.h"
#include "guest/run.h"
#include "guest/run_request.h"
#include "guest/waiting.h"
#include "sched/scheduler.h"

#define SCHEDULER_LOOK_MS 100
/* A frame of 32 KiB: a port that has room takes it whole, so the log never holds the agent up. */
#define OUTPUT_CHUNK_BYTES (32768 - sizeof(struct frame_header))

struct run {
	struct host *host;
	const char *cgroup_parent;
	json_t *message; /* request borrows from it */
	struct run_request request;
	struct test_process process; /* descriptors are -1 once at their end */
	uint64_t *wake_ns;	     /* the job's */
	uint64_t deadline_ns;
	struct frame_reader *reader;
	struct scheduler *scheduler; /* NULL: none asked for */
	bool described;		     /* what its processes do */
	uint64_t scheduler_down_us;  /* when its death was seen; 0: it was not */
	/* The first thing that went wrong, which FAILED will say; stage NULL: nothing did. */
	const char *failed_stage;
	struct ktstr_error failure;
};

static void scheduler_log(void *data, const char *text, size_t length)
{
	host_log(data, MESSAGE_LOG_SCHED, text, length);
}

/* Remember the failure and end the test: its output up to now is still collected. */
static void fail(struct run *run, const char *stage, const struct ktstr_error *reason)
{
	if (!run->failed_stage) {
		run->failed_stage = stage;
		run->failure = *reason;
	}
	test_process_kill(&run->process);
}

static int channel_ready(void *data, struct ktstr_error *error)
{
	struct run *run = data;
	struct ktstr_error broken = { 0 };
	struct frame frame;
	long got = frame_reader_fill(run->reader, run->process.channel_fd);
	int result;

	if (got == -EAGAIN)
		return 0;
	while ((result = frame_reader_next(run->reader, &frame, &broken)) == 1) {
		int err;

		if (frame.type != MESSAGE_EVENT && frame.type != MESSAGE_RESULT) {
			result = ktstr_error_set(
				&broken, -EBADMSG,
				"message %s (type %u) where EVENT or RESULT is due",
				message_type_str(frame.type), frame.type);
			break;
		}
		err = host_forward(run->host, &frame, error);
		if (err)
			return err;
	}
	if (!result && got <= 0)
		result = got < 0 ? ktstr_error_set(&broken, (int)got, "read: %s",
						   strerror((int)-got))
				 : frame_reader_end(run->reader, &broken);
	if (result < 0)
		fail(run, "channel", &broken);
	if (result < 0 || got <= 0) {
		close(run->process.channel_fd);
		run->process.channel_fd = -1;
	}
	return 0;
}

/* Move one chunk of output to the log; false at the end, or when there is none for now. */
static bool move_output(struct run *run)
{
	char chunk[OUTPUT_CHUNK_BYTES];
	ssize_t got = read(run->process.output_fd, chunk, sizeof(chunk));

	if (got > 0) {
		host_log(run->host, MESSAGE_LOG_TEST, chunk, (size_t)got);
		return true;
	}
	if (got == 0 || errno != EAGAIN) {
		close(run->process.output_fd);
		run->process.output_fd = -1;
	}
	return false;
}

static int output_ready(void *data, struct ktstr_error *error)
{
	(void)error;
	move_output(data);
	return 0;
}

static int log_has_room(void *data, struct ktstr_error *error)
{
	/* The next watch sees it and asks for output again. */
	(void)data;
	(void)error;
	return 0;
}

static void run_watch(void *data, struct watch_list *list)
{
	struct run *run = data;
	struct pollfd log = { .fd = run->host->log_fd, .events = POLLOUT };

	if (run->process.channel_fd >= 0)
		watch_add(list, run->process.channel_fd, POLLIN, channel_ready, run);
	if (run->process.output_fd < 0)
		return;
	/* A host that does not read the log slows the test's output down, not the agent. */
	if (log.fd >= 0 && poll(&log, 1, 0) == 0)
		watch_add(list, log.fd, POLLOUT, log_has_room, run);
	else
		watch_add(list, run->process.output_fd, POLLIN, output_ready, run);
}

static json_t *exit_json(const struct run *run, uint64_t at_us)
{
	const struct scx_exit_info *info = scheduler_exit_info(run->scheduler);
	char reason[sizeof(info->reason) + sizeof(info->message) + 2];

	snprintf(reason, sizeof(reason), "%s%s%s",
		 info->complete ? info->reason : "the kernel gave no reason",
		 info->message[0] ? ": " : "", info->message);
	return json_pack("{s:s, s:s, s:s, s:s, s:I}", "name", run->request.scheduler.name, "kind",
			 info->kind, "reason", reason, "trace", info->trace, "at_us",
			 (json_int_t)at_us);
}

/* Notice at once when the scheduler is gone; the test notices by itself and ends its scenario. */
static int look_at_scheduler(struct run *run, struct ktstr_error *error)
{
	if (!run->scheduler || run->scheduler_down_us || !scheduler_down(run->scheduler))
		return 0;
	run->scheduler_down_us = uptime_us();
	return host_send(run->host, MESSAGE_SCHED_EXIT, exit_json(run, run->scheduler_down_us),
			 error);
}

static void run_describe(void *data)
{
	struct run *run = data;
	auto_free char *text = NULL;

	/* Its own time may be over a moment before the host gives up. */
	if (run->described)
		return;
	run->described = true;
	text = processes_text();
	if (text)
		host_log(run->host, MESSAGE_LOG_PROCESSES, text, strlen(text));
}

static int run_tick(void *data, struct ktstr_error *error)
{
	struct run *run = data;
	int err = look_at_scheduler(run, error);

	if (clock_now_ns() >= run->deadline_ns) {
		struct ktstr_error late = { 0 };

		ktstr_error_set(&late, -ETIMEDOUT,
				"test '%s' did not end within %" JSON_INTEGER_FORMAT
				" ms and was killed",
				run->request.test, run->request.timeout_ms);
		run_describe(run);
		fail(run, "timeout", &late);
		run->deadline_ns = UINT64_MAX;
	}
	*run->wake_ns = run->scheduler && !run->scheduler_down_us
				? clock_deadline_ms(SCHEDULER_LOOK_MS)
				: UINT64_MAX;
	if (*run->wake_ns > run->deadline_ns)
		*run->wake_ns = run->deadline_ns;
	return err;
}

/* All writers are gone, so what the pipes hold is all there will be. */
static int drain_pipes(struct run *run, struct ktstr_error *error)
{
	while (run->process.output_fd >= 0 && move_output(run))
		;
	while (run->process.channel_fd >= 0) {
		struct pollfd ready = { .fd = run->process.channel_fd, .events = POLLIN };
		int err;

		/* Still open without data: held by a process that could not be killed. */
		if (poll(&ready, 1, 0) == 0)
			break;
		err = channel_ready(run, error);
		if (err)
			return err;
	}
	return 0;
}

static void note_exec_failure(struct run *run)
{
	struct ktstr_error reason = { 0 };
	int failure = child_exec_failure(run->process.exec_fd);

	if (!failure)
		return;
	ktstr_error_set(&reason, -failure, "execute '%s': %s", run->request.binary,
			strerror(failure));
	/* Nothing else that went wrong can matter: it never ran. */
	run->failed_stage = NULL;
	run->process.pid = 0;
	fail(run, "exec", &reason);
}

/* The scheduler's end, for DONE: null without one. */
static json_t *end_scheduler(struct run *run)
{
	struct ktstr_error reason = { 0 };
	json_t *result;

	if (!run->scheduler)
		return json_null();
	if (scheduler_detach(run->scheduler, &reason))
		fail(run, "detach", &reason);
	result = exit_json(run, run->scheduler_down_us ? run->scheduler_down_us : uptime_us());
	scheduler_free(run->scheduler);
	run->scheduler = NULL;
	return result;
}

static int run_finish(void *data, int status, const struct ktstr_error *leftovers,
		      struct ktstr_error *error)
{
	struct run *run = data;
	json_t *scheduler;
	int err;

	run->process.pid = 0;
	err = drain_pipes(run, error);
	if (!err)
		err = look_at_scheduler(run, error);
	note_exec_failure(run);
	if (!err)
		err = host_exited(run->host, run->request.id, status, error);
	if (err)
		return err;
	if (leftovers->code)
		fail(run, "kill", leftovers);
	scheduler = end_scheduler(run);
	if (run->failed_stage) {
		json_decref(scheduler);
		err = host_failed(run->host, run->request.id, run->failed_stage, &run->failure,
				  error);
	} else {
		err = host_send(run->host, MESSAGE_DONE,
				json_pack("{s:I, s:o}", "id", run->request.id, "scheduler",
					  scheduler),
				error);
	}
	/* For another test in this guest; a host that has none ends it with the reply. */
	cgroup_root_clean(run->cgroup_parent);
	return err;
}

static void run_free(void *data)
{
	struct run *run = data;

	scheduler_free(run->scheduler);
	frame_reader_free(run->reader);
	test_process_close(&run->process);
	json_decref(run->message);
	free(run);
}

static int attach(struct run *run, struct ktstr_error *reason)
{
	struct scheduler_config config = {
		.object = run->request.scheduler.object,
		.struct_ops = run->request.scheduler.struct_ops,
		.log = { .log = scheduler_log, .data = run->host },
	};

	if (!run->request.scheduler.name)
		return 0;
	return scheduler_attach(&config, &run->scheduler, reason);
}

/* In the process that waits for it, or in a new one. */
static int start_process(struct run *run, const struct frame *frame, struct job *waiting,
			 struct ktstr_error *reason)
{
	int err = frame_reader_new(&run->reader, reason);

	if (err)
		return err;
	if (waiting_is_ready(waiting) && !waiting_take(waiting, run->request.binary, &run->process))
		return ktstr_error_set(reason, -EBUSY, "'%s' is not the binary that waits",
				       run->request.binary);
	if (!run->process.pid)
		return test_process_start(run->request.binary, run->request.test, frame,
					  &run->process, reason);
	return frame_write(run->process.channel_fd, MESSAGE_RUN, frame->payload, frame->length,
			   clock_deadline_ms(HOST_WRITE_TIMEOUT_MS), reason);
}

static const struct job_ops run_ops = {
	.watch = run_watch,
	.tick = run_tick,
	.describe = run_describe,
	.finish = run_finish,
	.free = run_free,
};

int run_start(const struct job_context *context, const struct frame *frame, struct job *ret_job,
	      struct ktstr_error *error)
{
	struct run *run = calloc(1, sizeof(*run));
	struct ktstr_error reason = { 0 };
	const char *stage = "request";
	int err;

	if (!run)
		return ktstr_error_set(error, -ENOMEM, "message RUN: no memory");
	run->host = context->host;
	run->cgroup_parent = context->cgroup_parent;
	run->process = TEST_PROCESS_NONE;
	err = message_parse(frame, &run->message, &reason);
	if (!err)
		err = run_request_parse(run->message, &run->request, &reason);
	if (!err) {
		stage = "scheduler";
		err = attach(run, &reason);
	}
	if (!err) {
		stage = "start";
		err = start_process(run, frame, ret_job, &reason);
	}
	if (err) {
		err = host_failed(run->host, run->request.id, stage, &reason, error);
		/* It has been taken over. */
		test_process_kill(&run->process);
		run_free(run);
		return err;
	}
	/* From here on, so that a slow load does not cost the test its time. */
	run->deadline_ns = clock_deadline_ms((uint64_t)run->request.timeout_ms);
	*ret_job =
		(struct job){ .ops = &run_ops, .data = run, .pid = run->process.pid, .wake_ns = 0 };
	run->wake_ns = &ret_job->wake_ns;
	return 0;
}
