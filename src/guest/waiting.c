// SPDX-License-Identifier: GPL-2.0-only
/*
 * A test binary that has loaded and waits for its test. It is not trusted: it may crash in a
 * constructor, hang, or say something else than that it waits.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/resident.h"
#include "guest/child.h"
#include "guest/fields.h"
#include "guest/waiting.h"

struct waiting {
	struct host *host;
	json_t *message; /* binary borrows from it */
	json_int_t id, timeout_ms;
	const char *binary;
	struct test_process process;
	struct frame_reader *reader;
	uint64_t *wake_ns; /* the job's */
	bool ready;	   /* and the host knows */
	struct ktstr_error failure;
};

static void fail(struct waiting *waiting, const struct ktstr_error *reason)
{
	if (!waiting->failure.code)
		waiting->failure = *reason;
	test_process_kill(&waiting->process);
}

static int take_ready(struct waiting *waiting, const struct frame *frame, struct ktstr_error *error)
{
	struct ktstr_error wrong = { 0 };

	if (frame->type == MESSAGE_READY) {
		waiting->ready = true;
		*waiting->wake_ns = UINT64_MAX;
		/* The fork has made our pages ones to be copied at the next write. */
		memory_make_resident();
		return host_done(waiting->host, waiting->id, error);
	}
	ktstr_error_set(&wrong, -EBADMSG, "message %s (type %u) where READY is due",
			message_type_str(frame->type), frame->type);
	fail(waiting, &wrong);
	return 0;
}

static int channel_ready(void *data, struct ktstr_error *error)
{
	struct waiting *waiting = data;
	struct ktstr_error broken = { 0 };
	struct frame frame;
	long got = frame_reader_fill(waiting->reader, waiting->process.channel_fd);
	int result = got > 0 ? frame_reader_next(waiting->reader, &frame, &broken) : 0;

	if (result == 1)
		return take_ready(waiting, &frame, error);
	if (result < 0)
		fail(waiting, &broken);
	/* The process's own end tells more, and comes at once. */
	else if (got <= 0 && got != -EAGAIN)
		close(take_fd(&waiting->process.channel_fd));
	return 0;
}

static void waiting_watch(void *data, struct watch_list *list)
{
	struct waiting *waiting = data;

	if (!waiting->ready && !waiting->failure.code && waiting->process.channel_fd >= 0)
		watch_add(list, waiting->process.channel_fd, POLLIN, channel_ready, waiting);
}

static int waiting_tick(void *data, struct ktstr_error *error)
{
	struct waiting *waiting = data;
	struct ktstr_error late = { 0 };

	(void)error;
	ktstr_error_set(&late, -ETIMEDOUT,
			"'%s' did not come to wait within %" JSON_INTEGER_FORMAT " ms",
			waiting->binary, waiting->timeout_ms);
	fail(waiting, &late);
	*waiting->wake_ns = UINT64_MAX;
	return 0;
}

static void describe_end(const struct waiting *waiting, int status, struct ktstr_error *reason)
{
	if (WIFSIGNALED(status))
		ktstr_error_set(reason, -ECHILD, "'%s' was killed by signal %d as it was loaded",
				waiting->binary, WTERMSIG(status));
	else
		ktstr_error_set(reason, -ECHILD, "'%s' ended with exit code %d as it was loaded",
				waiting->binary, WEXITSTATUS(status));
}

static int waiting_finish(void *data, int status, const struct ktstr_error *leftovers,
			  struct ktstr_error *error)
{
	struct waiting *waiting = data;
	struct ktstr_error reason = waiting->failure;
	int failure = child_exec_failure(waiting->process.exec_fd);

	(void)leftovers; /* of no concern: this guest is not going to be saved */
	/* The host has its answer; a RUN that comes now finds none that waits and starts one. */
	if (waiting->ready)
		return 0;
	if (failure)
		ktstr_error_set(&reason, -failure, "execute '%s': %s", waiting->binary,
				strerror(failure));
	else if (!reason.code)
		describe_end(waiting, status, &reason);
	return host_failed(waiting->host, waiting->id, "prepare", &reason, error);
}

static void waiting_free(void *data)
{
	struct waiting *waiting = data;

	frame_reader_free(waiting->reader);
	test_process_close(&waiting->process);
	json_decref(waiting->message);
	free(waiting);
}

static const struct job_ops waiting_ops = {
	.watch = waiting_watch,
	.tick = waiting_tick,
	.finish = waiting_finish,
	.free = waiting_free,
};

static int parse(const struct frame *frame, struct waiting *waiting, struct ktstr_error *error)
{
	int err = message_parse(frame, &waiting->message, error);

	if (!err)
		err = field_integer(waiting->message, "id", &waiting->id, error);
	if (!err)
		err = field_string(waiting->message, "binary", &waiting->binary, error);
	if (!err)
		err = field_integer(waiting->message, "timeout_ms", &waiting->timeout_ms, error);
	if (!err && (*waiting->binary != '/' || waiting->timeout_ms <= 0))
		err = ktstr_error_set(error, -EBADMSG,
				      "'binary' '%s' is no absolute path, or 'timeout_ms' not "
				      "above 0",
				      waiting->binary);
	return err ? ktstr_error_wrap(error, err, "message PREPARE") : 0;
}

int waiting_start(const struct job_context *context, const struct frame *frame, struct job *ret_job,
		  struct ktstr_error *error)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	struct ktstr_error reason = { 0 };
	const char *stage = "request";
	int err;

	if (!waiting)
		return ktstr_error_set(error, -ENOMEM, "message PREPARE: no memory");
	waiting->host = context->host;
	waiting->process = TEST_PROCESS_NONE;
	err = parse(frame, waiting, &reason);
	if (!err) {
		stage = "prepare";
		err = frame_reader_new(&waiting->reader, &reason);
	}
	if (!err)
		err = test_process_start_waiting(waiting->binary, frame, &waiting->process,
						 &reason);
	if (err) {
		err = host_failed(waiting->host, waiting->id, stage, &reason, error);
		waiting_free(waiting);
		return err;
	}
	*ret_job = (struct job){ .ops = &waiting_ops,
				 .data = waiting,
				 .pid = waiting->process.pid,
				 .wake_ns = clock_deadline_ms((uint64_t)waiting->timeout_ms) };
	waiting->wake_ns = &ret_job->wake_ns;
	return 0;
}

bool waiting_is_ready(const struct job *job)
{
	return job->ops == &waiting_ops && ((const struct waiting *)job->data)->ready;
}

bool waiting_take(struct job *job, const char *binary, struct test_process *ret_process)
{
	struct waiting *waiting = job->data;

	if (!waiting_is_ready(job) || strcmp(waiting->binary, binary) != 0)
		return false;
	*ret_process = waiting->process;
	waiting->process = TEST_PROCESS_NONE;
	waiting_free(waiting);
	*job = (struct job){ 0 };
	return true;
}
