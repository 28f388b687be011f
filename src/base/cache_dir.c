// SPDX-License-Identifier: GPL-2.0-only
/* Where what ktstr keeps between runs lives (XDG Base Directory Specification). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/tree.h"

static int cache_path(char path[PATH_MAX], struct ktstr_error *error)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct passwd user, *found = NULL;
	char buffer[4096]; /* of user's texts */
	int length;

	/* The specification: a path that is not absolute is to be ignored. */
	if (cache && *cache == '/') {
		length = snprintf(path, PATH_MAX, "%s/ktstr", cache);
	} else {
		if (!home || *home != '/') {
			home = NULL;
			if (!getpwuid_r(getuid(), &user, buffer, sizeof(buffer), &found) && found)
				home = found->pw_dir;
		}
		if (!home)
			return ktstr_error_set(error, -ENOENT,
					       "no place for a cache: neither XDG_CACHE_HOME nor "
					       "HOME is set");
		length = snprintf(path, PATH_MAX, "%s/.cache/ktstr", home);
	}
	if (length >= PATH_MAX)
		return ktstr_error_set(error, -ENAMETOOLONG,
				       "path of the cache: %d bytes, at most %d", length,
				       PATH_MAX - 1);
	return 0;
}

int cache_dir_open(const char *name, int *ret_fd, char **ret_path, struct ktstr_error *error)
{
	char cache[PATH_MAX];
	auto_free char *path = NULL;
	int err = cache_path(cache, error);

	if (err)
		return err;
	if (asprintf(&path, "%s/%s", cache, name) < 0)
		return ktstr_error_set(error, -ENOMEM, "no memory for a path");
	err = tree_open(AT_FDCWD, path, ret_fd, error);
	if (err)
		return err;
	if (ret_path)
		*ret_path = take_pointer(path);
	return 0;
}
