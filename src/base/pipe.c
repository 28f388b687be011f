// SPDX-License-Identifier: GPL-2.0-only
/* Pipes from a child. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "base/pipe.h"

int pipe_open_above(int lowest, int ends[2])
{
	int low[2];
	int err = 0;

	ends[0] = ends[1] = -1;
	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (size_t i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, lowest + 1);
		if (ends[i] < 0)
			err = -errno;
		close(low[i]);
	}
	if (!err && fcntl(ends[0], F_SETFL, O_NONBLOCK))
		err = -errno;
	return err;
}
