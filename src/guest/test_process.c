// SPDX-License-Identifier: GPL-2.0-only
/* Starting test binaries: environment, channel, output. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "guest/child.h"
#include "guest/host.h"
#include "guest/test_process.h"

/* MAX_ARG_STRLEN of the kernel limits one environment string to 128 KiB. */
#define REQUEST_MAX_BYTES (120u << 10)

/* test NULL: it waits. channel is its end, last the variable that only one of the two kinds has. */
static int start(const char *binary, const char *test, int channel, char *last,
		 struct test_process *process, struct ktstr_error *error)
{
	auto_close int output = -1;
	char channel_env[64];
	char *argv[] = { (char *)binary, (char *)WIRE_RUN_ARGUMENT, (char *)test, NULL };
	char *env[] = { (char *)"PATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin",
			(char *)"HOME=/",
			(char *)"LC_ALL=C.UTF-8",
			channel_env,
			last,
			NULL };
	struct child_config config = {
		.path = binary,
		.argv = argv,
		.env = env,
		.stdin_fd = -1,
		.keep_fd = channel,
		.tty_fd = -1,
	};
	int err = child_pipe(&process->output_fd, &output, error);

	if (err)
		return err;
	snprintf(channel_env, sizeof(channel_env), WIRE_CHANNEL_FD_ENV "=%d", channel);
	config.output_fd = output;
	return child_start(&config, &process->pid, &process->exec_fd, error);
}

int test_process_start(const char *binary, const char *test, const struct frame *request,
		       struct test_process *ret_process, struct ktstr_error *error)
{
	auto_close int channel = -1;
	auto_free char *request_env = NULL;
	int err;

	*ret_process = TEST_PROCESS_NONE;
	err = child_pipe(&ret_process->channel_fd, &channel, error);
	if (err)
		return err;
	if (request->length > REQUEST_MAX_BYTES)
		return ktstr_error_set(error, -E2BIG, "message RUN: %zu bytes, at most %u fit",
				       request->length, REQUEST_MAX_BYTES);
	if (asprintf(&request_env, WIRE_RUN_ENV "=%.*s", (int)request->length,
		     (const char *)request->payload) < 0) {
		request_env = NULL;
		return ktstr_error_set(error, -ENOMEM, "message RUN: no memory");
	}
	return start(binary, test, channel, request_env, ret_process, error);
}

int test_process_start_waiting(const char *binary, const struct frame *prepare,
			       struct test_process *ret_process, struct ktstr_error *error)
{
	/* So that nothing is left to be looked up when the test runs. */
	static char bind_now[] = "LD_BIND_NOW=1";
	auto_close int channel = -1;
	int ends[2], err;

	*ret_process = TEST_PROCESS_NONE;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return ktstr_error_set(error, -errno, "socketpair: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	ret_process->channel_fd = ends[0];
	channel = ends[1];
	/* Into an empty socket, which takes it whole. */
	err = frame_write(ends[0], prepare->type, prepare->payload, prepare->length,
			  clock_deadline_ms(HOST_WRITE_TIMEOUT_MS), error);
	return err ? err : start(binary, NULL, channel, bind_now, ret_process, error);
}

void test_process_kill(const struct test_process *process)
{
	if (process->pid <= 0)
		return;
	kill(-process->pid, SIGKILL);
	/* A child that never got to run since its fork has no group of its own yet. */
	kill(process->pid, SIGKILL);
}

void test_process_close(struct test_process *process)
{
	int *const fds[] = { &process->channel_fd, &process->output_fd, &process->exec_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
}
