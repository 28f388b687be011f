// SPDX-License-Identifier: GPL-2.0-only
/* Ending and reaping processes. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest/reap.h"

int reap_setup(int *ret_fd, struct ktstr_error *error)
{
	sigset_t signals;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "signalfd: %s", strerror(errno));
	*ret_fd = fd;
	return 0;
}

int reap_everything(int signal_fd, uint64_t deadline_ns, struct ktstr_error *error)
{
	if (getpid() != 1)
		return ktstr_error_set(error, -EPERM, "only an init kills every process");
	/* All others descend from us: there are none. */
	if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
		return 0;
	/*
	 * A fork that is under way either sees the signal and fails, or its child is in the list
	 * already (copy_process in kernel/fork.c), so once is enough. ESRCH: nobody is left.
	 */
	kill(-1, SIGKILL);
	for (;;) {
		struct pollfd ready = { .fd = signal_fd, .events = POLLIN };
		struct signalfd_siginfo info;
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid > 0)
			continue;
		if (pid < 0 && errno == ECHILD)
			return 0;
		if (clock_now_ns() >= deadline_ns)
			return ktstr_error_set(error, -ETIMEDOUT,
					       "a process of the test cannot be killed");
		poll(&ready, 1, clock_poll_timeout_ms(deadline_ns));
		while (read(signal_fd, &info, sizeof(info)) > 0)
			;
	}
}
