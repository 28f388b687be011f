// SPDX-License-Identifier: GPL-2.0-only
/* Files of tasks. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

bool proc_read(pid_t tid, const char *name, char *text, size_t size)
{
	auto_close int fd = -1;
	size_t length = 0;
	ssize_t got;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		goto unreadable;
	while (length < size - 1) {
		got = read(fd, text + length, size - 1 - length);
		if (got < 0)
			goto unreadable;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	while (length && (text[length - 1] == '\n' || text[length - 1] == ' '))
		length--;
	text[length] = '\0';
	return true;
unreadable:
	snprintf(text, size, "[unreadable: %s]", strerror(errno));
	return false;
}

const char *proc_stat_fields(const char *stat)
{
	/* A name may contain a ')', so it is the last one. */
	const char *end = strrchr(stat, ')');

	return end && end[1] == ' ' && end[2] ? end + 2 : NULL;
}
