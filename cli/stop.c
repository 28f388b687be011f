// SPDX-License-Identifier: GPL-2.0-only
/* Signals that ask the tool to stop, as something to poll. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/clock.h"
#include "cli/stop.h"

int stop_open(int *ret_fd, struct ktstr_error *error)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return ktstr_error_set(error, -errno, "block signals: %s", strerror(errno));
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "signalfd: %s", strerror(errno));
	*ret_fd = fd;
	return 0;
}

bool stop_wait(int stop_fd, uint64_t deadline_ns)
{
	struct pollfd poll_fd = { .fd = stop_fd, .events = POLLIN };

	do {
		if (poll(&poll_fd, 1, clock_poll_timeout_ms(deadline_ns)) > 0)
			return true;
	} while (clock_now_ns() < deadline_ns);
	return false;
}
