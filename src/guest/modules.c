// SPDX-License-Identifier: GPL-2.0-only
/* Kernel modules that must be there before the agent can speak. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/modules.h"
#include "wire/message.h"

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int load(const char *name, struct ktstr_error *error)
{
	char path[sizeof(GUEST_MODULES_DIR) + 1 + sizeof(((struct dirent *)0)->d_name)];
	auto_close int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", GUEST_MODULES_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "module '%s': %s", path, strerror(errno));
	/* EEXIST: it came with one before it. */
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		return ktstr_error_set(error, -errno, "module '%s': the kernel refuses it: %s",
				       path, strerror(errno));
	return 0;
}

int modules_load(struct ktstr_error *error)
{
	struct dirent **entries = NULL;
	int count = scandir(GUEST_MODULES_DIR, &entries, is_module, alphasort), err = 0;

	/* No folder: the kernel has all it needs built in. */
	for (int i = 0; i < count; i++) {
		if (!err)
			err = load(entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	return err;
}
