// SPDX-License-Identifier: GPL-2.0-only
/* Where a payload's program is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "payload/path.h"

int payload_path(const char *exe, char ret_path[PATH_MAX], struct ktstr_error *error)
{
	char self[PATH_MAX];
	ssize_t length;
	int written;

	if (exe[0] == '/' || !strchr(exe, '/')) {
		written = snprintf(ret_path, PATH_MAX, "%s", exe);
	} else {
		length = readlink("/proc/self/exe", self, sizeof(self) - 1);
		if (length < 0)
			return ktstr_error_set(error, -errno, "read '/proc/self/exe': %s",
					       strerror(errno));
		self[length] = '\0';
		*strrchr(self, '/') = '\0';
		written = snprintf(ret_path, PATH_MAX, "%s/%s", self, exe);
	}
	if (written >= PATH_MAX)
		return ktstr_error_set(error, -ENAMETOOLONG, "exe '%.64s...': the path is too long",
				       exe);
	return 0;
}
