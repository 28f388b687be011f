// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of a kernel's command line, those of the running one too. */
#include "base/kernel_parameter.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

#define CMDLINE_MAX_BYTES 65536 /* x86 takes 2 KiB, with a bootconfig more */

bool kernel_parameter(const char *cmdline, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);
	const char *at = cmdline;
	bool found = false;

	/* As in the kernel, the last one counts. */
	while (*(at += strspn(at, " \n"))) {
		size_t word = strcspn(at, " \n");

		if (word > length && !strncmp(at, name, length) && at[length] == '=') {
			snprintf(value, size, "%.*s", (int)(word - length - 1), at + length + 1);
			found = true;
		}
		at += word;
	}
	return found;
}

bool kernel_parameter_is_given(const char *name)
{
	auto_free char *cmdline = NULL;
	char value[1];

	return !file_read(AT_FDCWD, "/proc/cmdline", CMDLINE_MAX_BYTES, &cmdline, NULL, NULL) &&
	       kernel_parameter(cmdline, name, value, sizeof(value));
}
