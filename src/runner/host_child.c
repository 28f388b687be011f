// SPDX-License-Identifier: GPL-2.0-only
/* Starting a test's process. Everything that can allocate happens before fork(2). */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pipe.h"
#include "base/signals.h"
#include "base/text.h"
#include "runner/host_child.h"
#include "wire/message.h"

#define CHANNEL_FD 3
#define NOT_EXECUTED_STATUS 127

struct start {
	char *const *argv;
	char *const *environment;
	int procs_fd, channel, output;
	pid_t parent;
};

static int connect_descriptors(const struct start *start)
{
	int null = open("/dev/null", O_RDONLY);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(start->output, STDOUT_FILENO) < 0 ||
	    dup2(start->output, STDERR_FILENO) < 0 || dup2(start->channel, CHANNEL_FD) < 0)
		return -1;
	return close_range(CHANNEL_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

/* All signals are blocked: no handler of ours may run here. */
static _Noreturn void become(const struct start *start)
{
	sigset_t none;

	setsid();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != start->parent)
		_exit(NOT_EXECUTED_STATUS);
	signals_reset();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Whatever it starts is in the cgroup as well, and can be killed with it. */
	if (write(start->procs_fd, "0", 1) == 1 && !connect_descriptors(start))
		execve(start->argv[0], start->argv, start->environment);
	dprintf(start->output, "ktstr: start '%s': errno %d\n", start->argv[0], errno);
	_exit(NOT_EXECUTED_STATUS);
}

static bool is_ours(const char *variable)
{
	return text_behind(variable, WIRE_RUN_ENV "=") ||
	       text_behind(variable, WIRE_CHANNEL_FD_ENV "=") || text_behind(variable, "LC_ALL=");
}

/* The user's environment, borrowed text by text, with what a test has in a guest. */
static char **new_environment(char *request, char *channel)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	size_t count = 0, used = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = calloc(count + 4, sizeof(*copy));
	if (!copy)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!is_ours(environ[i]))
			copy[used++] = environ[i];
	copy[used++] = request;
	copy[used++] = channel;
	copy[used] = locale;
	return copy;
}

static int start_process(const struct start *start, pid_t *ret_pid)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	*ret_pid = fork();
	if (*ret_pid == 0)
		become(start);
	err = *ret_pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static void close_pipe(int (*ends)[2])
{
	auto_close_fn(&(*ends)[0]);
	auto_close_fn(&(*ends)[1]);
}
#define auto_pipe __attribute__((cleanup(close_pipe)))

int host_child_start(const char *binary, const char *test, const char *request, int procs_fd,
		     struct host_child *ret_child, struct ktstr_error *error)
{
	auto_pipe int channel[2] = { -1, -1 };
	auto_pipe int output[2] = { -1, -1 };
	auto_free char *request_env = NULL;
	auto_free char **environment = NULL;
	char channel_env[] = WIRE_CHANNEL_FD_ENV "=3";
	char *const argv[] = { (char *)(uintptr_t)binary, (char *)(uintptr_t)WIRE_RUN_ARGUMENT,
			       (char *)(uintptr_t)test, NULL };
	struct host_child child = { .pidfd = -1 };
	int err = pipe_open_above(CHANNEL_FD, channel);

	_Static_assert(CHANNEL_FD == 3, "channel_env says it");
	if (!err)
		err = pipe_open_above(CHANNEL_FD, output);
	if (!err && asprintf(&request_env, WIRE_RUN_ENV "=%s", request) < 0)
		err = -ENOMEM;
	if (!err)
		environment = new_environment(request_env, channel_env);
	if (!err && !environment)
		err = -ENOMEM;
	if (!err) {
		const struct start start = { argv,	 environment, procs_fd,
					     channel[1], output[1],   getpid() };

		err = start_process(&start, &child.pid);
	}
	if (err)
		return ktstr_error_set(error, err, "start '%s': %s", binary, strerror(-err));
	child.pidfd = pidfd_open(child.pid, 0);
	if (child.pidfd < 0) {
		err = -errno;
		kill(child.pid, SIGKILL);
		waitpid(child.pid, NULL, 0);
		return ktstr_error_set(error, err, "pidfd_open: %s", strerror(-err));
	}
	child.channel_fd = take_fd(&channel[0]);
	child.output_fd = take_fd(&output[0]);
	*ret_child = child;
	return 0;
}
