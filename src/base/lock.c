// SPDX-License-Identifier: GPL-2.0-only
/* A named lock file with a deadline, which tells those who wait in vain who holds it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/lock.h"

#define HOLDER_TEXT_MAX 256

/*
 * flock(2) knows no deadline, and signals for one would be a global state of the process: so the
 * lock is asked for again at this pace.
 */
#define RETRY_NS (20 * NS_PER_MS)

static int fail_busy(int fd, const char *name, uint64_t waited_ns, struct ktstr_error *error)
{
	char holder[HOLDER_TEXT_MAX];
	ssize_t length = pread(fd, holder, sizeof(holder) - 1, 0);

	holder[length > 0 ? length : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	return ktstr_error_set(
		error, -EBUSY,
		"lock '%s' was not free within %.1f s: held by %s; wait for it, or end it", name,
		(double)waited_ns / (double)NS_PER_S, *holder ? holder : "an unknown process");
}

int lock_take(int dirfd, const char *name, const char *purpose, uint64_t deadline_ns, int *ret_fd,
	      struct ktstr_error *error)
{
	auto_close int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	uint64_t began_ns = clock_now_ns();
	char holder[HOLDER_TEXT_MAX];
	int length;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "open lock '%s': %s", name, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		struct timespec pause = clock_timespec(RETRY_NS);

		if (errno != EWOULDBLOCK && errno != EINTR)
			return ktstr_error_set(error, -errno, "lock '%s': %s", name,
					       strerror(errno));
		if (clock_now_ns() >= deadline_ns)
			return fail_busy(fd, name, clock_now_ns() - began_ns, error);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	length = snprintf(holder, sizeof(holder), "pid %d (%s)\n", getpid(), purpose);
	if (length >= (int)sizeof(holder))
		length = sizeof(holder) - 1;
	if (ftruncate(fd, 0) || pwrite(fd, holder, (size_t)length, 0) != length)
		return ktstr_error_set(error, errno ? -errno : -EIO, "write lock '%s': %s", name,
				       strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}
