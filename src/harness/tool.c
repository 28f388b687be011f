// SPDX-License-Identifier: GPL-2.0-only
/* From a test binary to the tool that runs it: QEMU, kernels and the like live there. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "harness/tool.h"

#define TOOL_NAME "ktstr"

static bool is_program(const char *path)
{
	return access(path, X_OK) == 0;
}

/* The tool in directory, of length bytes. */
static bool try_directory(const char *directory, size_t length, char ret_path[PATH_MAX])
{
	return path_join(directory, length, TOOL_NAME, ret_path) && is_program(ret_path);
}

static bool beside_library(char ret_path[PATH_MAX])
{
	Dl_info info;
	const char *slash;

	if (!dladdr((void *)tool_find, &info) || !info.dli_fname)
		return false;
	slash = strrchr(info.dli_fname, '/');
	return slash && try_directory(info.dli_fname, (size_t)(slash - info.dli_fname), ret_path);
}

int tool_find(char ret_path[PATH_MAX], struct ktstr_error *error)
{
	const char *chosen = getenv("KTSTR_TOOL");

	if (chosen && *chosen) {
		if (!is_program(chosen))
			return ktstr_error_set(
				error, -errno,
				"KTSTR_TOOL '%s': %s; set it to the ktstr command or unset it",
				chosen, strerror(errno));
		if (snprintf(ret_path, PATH_MAX, "%s", chosen) >= PATH_MAX)
			return ktstr_error_set(error, -ENAMETOOLONG,
					       "KTSTR_TOOL is longer than %d bytes", PATH_MAX);
		return 0;
	}
	if (beside_library(ret_path) ||
	    try_directory(KTSTR_BINDIR, strlen(KTSTR_BINDIR), ret_path) ||
	    path_find_program(TOOL_NAME, ret_path))
		return 0;
	return ktstr_error_set(error, -ENOENT,
			       "the ktstr command is neither beside libktstr.so nor in %s nor in "
			       "PATH; install it or set KTSTR_TOOL",
			       KTSTR_BINDIR);
}

int tool_exec(char *const *argv, struct ktstr_error *error)
{
	auto_free char **handed = NULL;
	char tool[PATH_MAX], self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t count = 0;
	int err;

	if (length < 0)
		return ktstr_error_set(error, -errno, "read '/proc/self/exe': %s", strerror(errno));
	self[length] = '\0';
	err = tool_find(tool, error);
	if (err)
		return err;
	while (argv[count])
		count++;
	handed = calloc(count + 3, sizeof(char *));
	if (!handed)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu arguments", count);
	handed[0] = (char *)TOOL_NAME;
	handed[1] = (char *)"test";
	handed[2] = self;
	for (size_t i = 1; i < count; i++)
		handed[2 + i] = argv[i];
	execv(tool, handed);
	return ktstr_error_set(error, -errno, "exec '%s': %s", tool, strerror(errno));
}
