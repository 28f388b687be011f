// SPDX-License-Identifier: GPL-2.0-only
/* Kernel modules that the host has laid out: those to speak by, and those of devices. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/modules.h"

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int load(const char *folder, const char *name, struct ktstr_error *error)
{
	char path[PATH_MAX];
	auto_close int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "module '%s': %s", path, strerror(errno));
	/* EEXIST: it came with one before it. */
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		return ktstr_error_set(error, -errno, "module '%s': the kernel refuses it: %s",
				       path, strerror(errno));
	return 0;
}

int modules_load(const char *folder, struct ktstr_error *error)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_module, alphasort), err = 0;

	/* No folder: the kernel has all it needs built in. */
	for (int i = 0; i < count; i++) {
		if (!err)
			err = load(folder, entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	return err;
}
