// SPDX-License-Identifier: GPL-2.0-only
/* Temporary files without a name. */
#include "workload/work/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* For file systems that know no O_TMPFILE (overlayfs before 6.3, NFS): a name for a moment. */
static int open_named(const char *folder, int flags)
{
	auto_free char *path = NULL;
	int fd;

	if (asprintf(&path, "%s/ktstr_scratch_XXXXXX", folder) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(path, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

int scratch_file_open(int flags, struct ktstr_error *error)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	if (!folder || !folder[0])
		folder = "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		fd = errno == EOPNOTSUPP || errno == EISDIR ? open_named(folder, flags) : -errno;
	if (fd < 0)
		return ktstr_error_set(error, fd, "open a temporary file in '%s': %s (see TMPDIR)",
				       folder, strerror(-fd));
	return fd;
}
