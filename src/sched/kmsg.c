// SPDX-License-Identifier: GPL-2.0-only
/* Reading the kernel log. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sched/kmsg.h"

int kmsg_open(int *ret_fd, struct ktstr_error *error)
{
	auto_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return ktstr_error_set(error, -errno, "open '/dev/kmsg': %s", strerror(errno));
	if (lseek(fd, 0, SEEK_END) < 0)
		return ktstr_error_set(error, -errno, "seek '/dev/kmsg': %s", strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * The kernel writes control characters, bytes above 126 and the backslash as \xNN. What is not
 * ASCII stays escaped, so that the text is valid UTF-8 whatever a scheduler put into its message.
 */
static void undo_escapes(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		int high, low;

		if (from[0] == '\\' && from[1] == 'x' && (high = hex_digit(from[2])) >= 0 &&
		    (low = hex_digit(from[3])) >= 0 && high < 8 && (high || low)) {
			*to = (char)(high << 4 | low);
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

char *kmsg_decode(char *record)
{
	char *text = strchr(record, ';');

	if (!text)
		return NULL;
	text++;
	text[strcspn(text, "\n")] = '\0';
	undo_escapes(text);
	return text;
}

int kmsg_next(int fd, char text[KMSG_RECORD_MAX])
{
	for (;;) {
		char record[KMSG_RECORD_MAX + 1];
		ssize_t got = read(fd, record, KMSG_RECORD_MAX);
		const char *decoded;

		if (got < 0 && errno == EAGAIN)
			return 0;
		/* EPIPE: the oldest records were overwritten; the next read goes on after them. */
		if (got < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		record[got] = '\0';
		decoded = kmsg_decode(record);
		if (!decoded)
			continue;
		memcpy(text, decoded, strlen(decoded) + 1);
		return 1;
	}
}
