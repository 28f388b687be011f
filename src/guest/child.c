// SPDX-License-Identifier: GPL-2.0-only
/* Starting programs. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/child.h"

/* exec resets handlers, but not what is ignored or blocked: reap_setup() does both. */
static void restore_signals(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int connect_descriptors(const struct child_config *config)
{
	int input = config->stdin_fd, output = config->output_fd;

	if (config->tty_fd >= 0) {
		if (ioctl(config->tty_fd, TIOCSCTTY, 0))
			return -1;
		input = output = config->tty_fd;
	}
	if (input < 0)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		return -1;
	return config->keep_fd < 0 ? 0 : fcntl(config->keep_fd, F_SETFD, 0);
}

static _Noreturn void child_main(const struct child_config *config, int failure_fd)
{
	ssize_t written;

	setsid();
	restore_signals();
	if (!connect_descriptors(config))
		execve(config->path, config->argv, config->env);
	written = write(failure_fd, &errno, sizeof(errno));
	/* A pipe of ours takes four bytes; if not, 127 still tells. */
	(void)written;
	_exit(127);
}

int child_pipe(int *ret_ours, int *ret_theirs, struct ktstr_error *error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return ktstr_error_set(error, -errno, "pipe: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*ret_ours = ends[0];
	*ret_theirs = ends[1];
	return 0;
}

int child_start(const struct child_config *config, pid_t *ret_pid, int *ret_exec_fd,
		struct ktstr_error *error)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return ktstr_error_set(error, -errno, "start '%s': pipe: %s", config->path,
				       strerror(errno));
	pid = fork();
	if (!pid)
		child_main(config, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		int err = -errno;

		close(ends[0]);
		return ktstr_error_set(error, err, "start '%s': fork: %s", config->path,
				       strerror(-err));
	}
	*ret_pid = pid;
	*ret_exec_fd = ends[0];
	return 0;
}

int child_exec_failure(int exec_fd)
{
	int failure;

	return read(exec_fd, &failure, sizeof(failure)) == sizeof(failure) ? failure : 0;
}
