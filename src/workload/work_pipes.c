// SPDX-License-Identifier: GPL-2.0-only
/* The ring of pipes through a cohort. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload/work_group.h"

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int work_pipes_open(struct work_pipes *pipes, unsigned count, struct ktstr_error *error)
{
	*pipes = (struct work_pipes){ 0 };
	if (!count)
		return 0;
	pipes->fds = calloc(count, sizeof(*pipes->fds));
	if (!pipes->fds)
		return ktstr_error_set(error, -ENOMEM, "no memory for %u pipes", count);
	for (; pipes->count < count; pipes->count++) {
		int err;

		if (!pipe2(pipes->fds[pipes->count], O_CLOEXEC | O_NONBLOCK))
			continue;
		err = -errno;
		work_pipes_close(pipes);
		return ktstr_error_set(
			error, err, "make %u pipes for the workers of a cohort: %s (see ulimit -n)",
			count, strerror(-err));
	}
	return 0;
}

void work_pipes_close(struct work_pipes *pipes)
{
	for (unsigned i = 0; i < pipes->count; i++) {
		close_end(&pipes->fds[i][0]);
		close_end(&pipes->fds[i][1]);
	}
	free(pipes->fds);
	*pipes = (struct work_pipes){ 0 };
}

int work_pipes_read_end(const struct work_pipes *pipes, unsigned position)
{
	if (!pipes->count)
		return -1;
	return pipes->fds[(position + pipes->count - 1) % pipes->count][0];
}

int work_pipes_write_end(const struct work_pipes *pipes, unsigned position)
{
	return pipes->count ? pipes->fds[position][1] : -1;
}

void work_pipes_keep(struct work_pipes *pipes, unsigned position)
{
	int read_end = work_pipes_read_end(pipes, position);
	int write_end = work_pipes_write_end(pipes, position);

	for (unsigned i = 0; i < pipes->count; i++) {
		if (pipes->fds[i][0] != read_end)
			close_end(&pipes->fds[i][0]);
		if (pipes->fds[i][1] != write_end)
			close_end(&pipes->fds[i][1]);
	}
}
