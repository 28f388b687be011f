// SPDX-License-Identifier: GPL-2.0-only
/* Paths as texts, and programs by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* What execvp(3) of glibc takes where PATH is not set. */
#define PATH_DEFAULT "/bin:/usr/bin"

void path_normalize(char *path)
{
	char *out = path;

	for (char *at = path; *at;) {
		size_t length = strcspn(++at, "/");

		if (length == 2 && at[0] == '.' && at[1] == '.') {
			while (out > path && *--out != '/')
				;
		} else if (length && !(length == 1 && at[0] == '.')) {
			*out++ = '/';
			memmove(out, at, length);
			out += length;
		}
		at += length;
	}
	*out = '\0';
}

bool path_join(const char *directory, size_t length, const char *name, char ret_path[PATH_MAX])
{
	int written = snprintf(ret_path, PATH_MAX, "%.*s/%s", (int)length, directory, name);

	return written >= 0 && written < PATH_MAX;
}

static bool is_program(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode) && !access(path, X_OK);
}

bool path_find_program(const char *name, char ret_path[PATH_MAX])
{
	const char *at = getenv("PATH");

	for (at = at ? at : PATH_DEFAULT; *at; at += *at == ':') {
		size_t length = strcspn(at, ":");

		if (length && path_join(at, length, name, ret_path) && is_program(ret_path))
			return true;
		at += length;
	}
	return false;
}
