// SPDX-License-Identifier: GPL-2.0-only
/* Raw mode, and the escape out of it. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/terminal.h"

#define ESCAPE_KEY '\001' /* Ctrl-A, as in QEMU and screen(1) */

int terminal_make_raw(struct terminal *terminal, int fd, struct ktstr_error *error)
{
	struct termios raw;

	if (tcgetattr(fd, &terminal->before) < 0)
		return ktstr_error_set(error, -errno, "read the terminal's settings: %s",
				       strerror(errno));
	raw = terminal->before;
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSAFLUSH, &raw) < 0)
		return ktstr_error_set(error, -errno, "change the terminal's settings: %s",
				       strerror(errno));
	terminal->fd = fd;
	return 0;
}

void terminal_restore(struct terminal *terminal)
{
	if (terminal->fd < 0)
		return;
	tcsetattr(terminal->fd, TCSAFLUSH, &terminal->before);
	terminal->fd = -1;
}

void terminal_size(int fd, int *ret_rows, int *ret_columns)
{
	struct winsize size;
	bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col;

	*ret_rows = known ? size.ws_row : 24;
	*ret_columns = known ? size.ws_col : 80;
}

bool terminal_filter_keys(struct terminal *terminal, char *keys, size_t capacity, size_t *size)
{
	char kept[512];
	size_t count = 0;

	/* An escape kept back from the last call may come on top. */
	assert(*size < capacity && *size < sizeof(kept));
	for (size_t i = 0; i < *size; i++) {
		char key = keys[i];

		if (!terminal->escaped && key == ESCAPE_KEY) {
			terminal->escaped = true;
			continue;
		}
		if (terminal->escaped && (key == 'x' || key == 'X'))
			return true;
		if (terminal->escaped && key != ESCAPE_KEY)
			kept[count++] = ESCAPE_KEY;
		terminal->escaped = false;
		kept[count++] = key;
	}
	memcpy(keys, kept, count);
	*size = count;
	return false;
}
