// SPDX-License-Identifier: GPL-2.0-only
/* Running a short program for what it prints. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "runner/capture.h"
#include "base/tail.h"
#include "vm/process.h"

#define STDERR_LIMIT 4096

/* The program and what came out of it so far. */
struct capture {
	struct process process;
	int out, err; /* our ends of its pipes; -1: ended */
	int stop_fd;
	struct tail printed, complaints;
};

static void capture_release(struct capture *capture)
{
	if (capture->process.pid)
		kill(-capture->process.pid, SIGKILL); /* its session, with all that it started */
	process_kill(&capture->process);
	auto_close_fn(&capture->out);
	auto_close_fn(&capture->err);
	tail_release(&capture->printed);
	tail_release(&capture->complaints);
}
#define auto_capture __attribute__((cleanup(capture_release)))

static int spawn(struct capture *capture, const char *const *argv, struct ktstr_error *error)
{
	struct process_spec spec = { .argv = argv };
	int out[2], err_pipe[2];

	if (pipe2(out, O_CLOEXEC) < 0)
		return ktstr_error_set(error, -errno, "pipe: %s", strerror(errno));
	capture->out = out[0];
	auto_close int its_out = out[1];
	if (pipe2(err_pipe, O_CLOEXEC) < 0)
		return ktstr_error_set(error, -errno, "pipe: %s", strerror(errno));
	capture->err = err_pipe[0];
	auto_close int its_err = err_pipe[1];
	spec.stdout_fd = its_out;
	spec.stderr_fd = its_err;
	return process_spawn(&spec, &capture->process, error);
}

static void drain(int *fd, struct tail *tail)
{
	char buffer[16384];
	ssize_t got = read(*fd, buffer, sizeof(buffer));

	if (got > 0)
		tail_append(tail, buffer, (size_t)got);
	else if (got == 0 || errno != EINTR)
		close(take_fd(fd));
}

/* Read both pipes to their ends. */
static int collect(struct capture *capture, size_t limit, uint64_t deadline_ns)
{
	while (capture->out >= 0 || capture->err >= 0) {
		struct pollfd polls[] = {
			{ .fd = capture->out, .events = POLLIN },
			{ .fd = capture->err, .events = POLLIN },
			{ .fd = capture->stop_fd, .events = POLLIN },
		};
		int ready = poll(polls, 3, clock_poll_timeout_ms(deadline_ns));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (ready == 0)
			return -ETIMEDOUT;
		if (polls[2].revents)
			return -EINTR;
		if (polls[0].revents)
			drain(&capture->out, &capture->printed);
		if (polls[1].revents)
			drain(&capture->err, &capture->complaints);
		if (capture->printed.size + capture->printed.dropped > limit)
			return -EFBIG;
	}
	return 0;
}

static int check_end(const struct capture *capture, const struct process_end *end,
		     struct ktstr_error *error)
{
	const char *complaints = tail_text(&capture->complaints);
	const char *last = *complaints ? text_last_lines(complaints, 1)
				       : "it said nothing on stderr";

	if (end->signaled)
		return ktstr_error_set(error, -EPROTO, "it was killed by signal %d (%s)",
				       end->value, strsignal(end->value));
	if (end->value != 0)
		return ktstr_error_set(error, -EPROTO, "it exited with status %d: %.*s", end->value,
				       (int)strcspn(last, "\n"), last);
	return 0;
}

static int run(struct capture *capture, size_t limit, uint64_t timeout_ms,
	       struct ktstr_error *error)
{
	uint64_t deadline_ns = clock_deadline_ms(timeout_ms);
	struct process_end end;
	int err = collect(capture, limit, deadline_ns);

	if (!err)
		err = process_wait(&capture->process, deadline_ns, &end);
	if (!err)
		return check_end(capture, &end, error);
	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err, "it did not end within %.1f s",
				       (double)timeout_ms / 1000);
	if (err == -EFBIG)
		return ktstr_error_set(error, err, "it printed more than %zu bytes", limit);
	if (err == -EINTR)
		return ktstr_error_set(error, err, "interrupted");
	return ktstr_error_set(error, err, "waiting for it: %s", strerror(-err));
}

int capture_output(const char *const *argv, size_t limit, uint64_t timeout_ms, int stop_fd,
		   char **ret_output, struct ktstr_error *error)
{
	auto_capture struct capture capture = {
		.process = PROCESS_NONE,
		.out = -1,
		.err = -1,
		.stop_fd = stop_fd,
		.printed = { .limit = limit + 1 },
		.complaints = { .limit = STDERR_LIMIT },
	};
	char *output;
	int err = spawn(&capture, argv, error);

	if (!err)
		err = run(&capture, limit, timeout_ms, error);
	if (err)
		return err;
	output = capture.printed.data ? take_pointer(capture.printed.data) : strdup("");
	if (!output)
		return ktstr_error_set(error, -ENOMEM, "no memory for its output");
	*ret_output = output;
	return 0;
}
