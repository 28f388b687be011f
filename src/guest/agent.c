// SPDX-License-Identifier: GPL-2.0-only
/*
 * The agent's loop: requests in, events out. One thread; whatever could take long is a job with a
 * process of its own. The host is trusted, the processes are not.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest/agent.h"
#include "guest/files.h"
#include "guest/job.h"
#include "guest/phases.h"
#include "guest/reap.h"
#include "guest/resume.h"
#include "guest/run.h"
#include "guest/shell.h"
#include "guest/waiting.h"

#define REAP_TIMEOUT_MS 5000

struct agent {
	struct host host;
	struct job_context context;
	struct frame_reader *reader;
	struct file_receiver file;
	struct job job;
	int signal_fd, random_fd;
	bool job_ended; /* job_status is its process's */
	int job_status;
	bool power_off;
};

/* The request's id, for a reply about a message that may be broken: 0 when there is none. */
static json_int_t request_id(const struct frame *frame)
{
	json_t *message = NULL;
	json_int_t id;

	if (message_parse(frame, &message, NULL))
		return 0;
	id = json_integer_value(json_object_get(message, "id"));
	json_decref(message);
	return id;
}

static int file_reply(struct agent *agent, int result, enum file_progress progress,
		      const struct ktstr_error *reason, struct ktstr_error *error)
{
	if (result)
		return host_failed(&agent->host, agent->file.id, "file", reason, error);
	if (progress == FILE_STORED)
		return host_done(&agent->host, agent->file.id, error);
	return 0;
}

static int handle_file(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	enum file_progress progress = FILE_INCOMPLETE;
	struct ktstr_error reason = { 0 };
	json_t *message = NULL;
	int result = message_parse(frame, &message, &reason);

	if (result) {
		file_receiver_release(&agent->file);
		agent->file.id = 0;
	} else {
		result = file_receiver_begin(&agent->file, message, &progress, &reason);
	}
	json_decref(message);
	return file_reply(agent, result, progress, &reason, error);
}

static int handle_file_data(struct agent *agent, const struct frame *frame,
			    struct ktstr_error *error)
{
	enum file_progress progress = FILE_INCOMPLETE;
	struct ktstr_error reason = { 0 };
	int result = file_receiver_data(&agent->file, frame->payload, frame->length, &progress,
					&reason);

	/* Out of step with the host: what else it sends cannot be told from file contents. */
	if (result == -EMSGSIZE)
		return ktstr_error_set(error, result, "%s", reason.text);
	return file_reply(agent, result, progress, &reason, error);
}

static int handle_link(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	struct ktstr_error reason = { 0 };
	json_t *message = NULL;
	json_int_t id = 0;
	int err = message_parse(frame, &message, &reason);

	if (!err)
		err = file_link(message, &id, &reason);
	json_decref(message);
	return err ? host_failed(&agent->host, id, "file", &reason, error)
		   : host_done(&agent->host, id, error);
}

static int start_job(struct agent *agent, const struct frame *frame,
		     int (*start)(const struct job_context *, const struct frame *, struct job *,
				  struct ktstr_error *),
		     struct ktstr_error *error)
{
	struct ktstr_error busy = { 0 };

	if (!agent->job.ops)
		return start(&agent->context, frame, &agent->job, error);
	ktstr_error_set(&busy, -EBUSY, "message %s: a test or a shell is running already",
			message_type_str(frame->type));
	return host_failed(&agent->host, request_id(frame), "busy", &busy, error);
}

static int handle_run(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	if (waiting_is_ready(&agent->job))
		return run_start(&agent->context, frame, &agent->job, error);
	return start_job(agent, frame, run_start, error);
}

static int handle_prepare(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	return start_job(agent, frame, waiting_start, error);
}

static int handle_shell(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	return start_job(agent, frame, shell_start, error);
}

/* Not a job: it is done before anything else can be asked. */
static int handle_resume(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	struct resume_request request = { 0 };
	struct ktstr_error reason = { 0 };
	json_t *message = NULL;
	int err = message_parse(frame, &message, &reason);

	if (!err)
		err = resume_request_parse(message, &request, &reason);
	if (!err)
		err = resume_apply(&request, agent->random_fd, &reason);
	json_decref(message);
	if (err)
		return host_failed(&agent->host, request.id, "resume", &reason, error);
	return host_send(&agent->host, MESSAGE_DONE,
			 json_pack("{s:I, s:I}", "id", request.id, "uptime_us",
				   (json_int_t)uptime_us()),
			 error);
}

static int handle_power_off(struct agent *agent, const struct frame *frame,
			    struct ktstr_error *error)
{
	(void)frame;
	(void)error;
	if (agent->job.ops && agent->job.ops->describe)
		agent->job.ops->describe(agent->job.data);
	agent->power_off = true;
	return 0;
}

static const struct {
	enum message_type type;
	int (*handle)(struct agent *agent, const struct frame *frame, struct ktstr_error *error);
} requests[] = {
	{ MESSAGE_FILE, handle_file },	     { MESSAGE_FILE_DATA, handle_file_data },
	{ MESSAGE_LINK, handle_link },	     { MESSAGE_RUN, handle_run },
	{ MESSAGE_PREPARE, handle_prepare }, { MESSAGE_SHELL, handle_shell },
	{ MESSAGE_RESUME, handle_resume },   { MESSAGE_POWER_OFF, handle_power_off },
};

static int handle(struct agent *agent, const struct frame *frame, struct ktstr_error *error)
{
	struct ktstr_error reason = { 0 };

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].type == frame->type)
			return requests[i].handle(agent, frame, error);
	ktstr_error_set(&reason, -EOPNOTSUPP, "message %s (type %u) is not a request",
			message_type_str(frame->type), frame->type);
	return host_failed(&agent->host, request_id(frame), "request", &reason, error);
}

static int ctl_ready(void *data, struct ktstr_error *error)
{
	struct agent *agent = data;
	long got = frame_reader_fill(agent->reader, agent->host.ctl_fd);
	struct frame frame;
	int result;

	if (got == -EAGAIN)
		return 0;
	if (got <= 0)
		return ktstr_error_set(error, got ? (int)got : -EPIPE, "control channel: %s",
				       got ? strerror((int)-got) : "the host closed it");
	while (!agent->power_off &&
	       (result = frame_reader_next(agent->reader, &frame, error)) == 1) {
		result = handle(agent, &frame, error);
		if (result)
			return result;
	}
	return agent->power_off ? 0 : result;
}

/* Children of ours, and orphans that have become ours. */
static int signal_ready(void *data, struct ktstr_error *error)
{
	struct agent *agent = data;
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)error;
	/* Several children may hide behind one signal. */
	while (read(agent->signal_fd, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!agent->job.ops || pid != agent->job.pid)
			continue;
		agent->job_ended = true;
		agent->job_status = status;
	}
	return 0;
}

static int end_job(struct agent *agent, struct ktstr_error *error)
{
	struct ktstr_error leftovers = { 0 };
	int err = reap_everything(agent->signal_fd, clock_deadline_ms(REAP_TIMEOUT_MS), &leftovers);

	/* Recorded in leftovers, for the job to tell. */
	(void)err;
	err = agent->job.ops->finish(agent->job.data, agent->job_status, &leftovers, error);
	agent->job.ops->free(agent->job.data);
	agent->job = (struct job){ 0 };
	agent->job_ended = false;
	return err;
}

static int wait_and_serve(struct agent *agent, struct ktstr_error *error)
{
	struct watch_list list = { 0 };
	struct pollfd polled[WATCHES_MAX];
	int timeout_ms = -1;

	watch_add(&list, agent->host.ctl_fd, POLLIN, ctl_ready, agent);
	if (agent->job.ops) {
		agent->job.ops->watch(agent->job.data, &list);
		if (agent->job.wake_ns != UINT64_MAX)
			timeout_ms = clock_poll_timeout_ms(agent->job.wake_ns);
	}
	/* Last: once its process is reaped the job only finishes, the pid is nobody's to kill. */
	watch_add(&list, agent->signal_fd, POLLIN, signal_ready, agent);
	for (size_t i = 0; i < list.count; i++)
		polled[i] = (struct pollfd){ .fd = list.entries[i].fd,
					     .events = list.entries[i].events };
	/* Without a job the only thing to wait for is the host, for as long as it likes. */
	if (poll(polled, list.count, timeout_ms) < 0 && errno != EINTR)
		return ktstr_error_set(error, -errno, "poll: %s", strerror(errno));
	for (size_t i = 0; i < list.count && !agent->power_off; i++) {
		int err = polled[i].revents ? list.entries[i].ready(list.entries[i].owner, error)
					    : 0;

		if (err)
			return err;
	}
	if (agent->job.ops && !agent->job_ended && clock_now_ns() >= agent->job.wake_ns)
		return agent->job.ops->tick(agent->job.data, error);
	return 0;
}

static int serve(struct agent *agent, struct ktstr_error *error)
{
	while (!agent->power_off) {
		int err = wait_and_serve(agent, error);

		if (!err && agent->job_ended && !agent->power_off)
			err = end_job(agent, error);
		if (err)
			return err;
	}
	return 0;
}

int agent_serve(const struct agent_config *config, struct ktstr_error *error)
{
	struct agent agent = {
		.host = { .ctl_fd = config->ctl_fd, .log_fd = config->log_fd },
		.signal_fd = -1,
		.random_fd = resume_open(),
	};
	int err;

	agent.context = (struct job_context){ .host = &agent.host,
					      .cgroup_parent = config->cgroup_parent };
	file_receiver_init(&agent.file);
	err = host_send(&agent.host, MESSAGE_HELLO, config->hello, error);
	if (!err)
		err = reap_setup(&agent.signal_fd, error);
	if (!err)
		err = frame_reader_new(&agent.reader, error);
	if (!err)
		err = serve(&agent, error);
	/*
	 * A job that is still running ends with the machine: detaching its scheduler first would
	 * only take time, and touch a kernel that may be in trouble.
	 */
	file_receiver_release(&agent.file);
	frame_reader_free(agent.reader);
	if (agent.signal_fd >= 0)
		close(agent.signal_fd);
	if (agent.random_fd >= 0)
		close(agent.random_fd);
	return err;
}
