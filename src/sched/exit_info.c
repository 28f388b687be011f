// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's words on why a scheduler is gone: a pure function over log lines. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sched/exit_info.h"

#define PREFIX "sched_ext: "

/* scx_exit_reason() of the kernel; newer kernels add rows. */
static const struct {
	const char *reason, *kind;
} kinds[] = {
	{ "unregistered from user space", "SCX_EXIT_UNREG" },
	{ "unregistered from BPF", "SCX_EXIT_UNREG_BPF" },
	{ "unregistered from the main kernel", "SCX_EXIT_UNREG_KERN" },
	{ "disabled by sysrq-S", "SCX_EXIT_SYSRQ" },
	{ "parent exiting", "SCX_EXIT_PARENT" },
	{ "runtime error", "SCX_EXIT_ERROR" },
	{ "scx_bpf_error", "SCX_EXIT_ERROR_BPF" },
	{ "runnable task stall", "SCX_EXIT_ERROR_STALL" },
};

static const char *kind_of(const char *reason)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].reason, reason))
			return kinds[i].kind;
	return "unknown";
}

/* REASON of: BPF scheduler "NAME" disabled (REASON) */
static bool parse_disabled(const char *line, const char *name, char *reason, size_t size)
{
	const char *rest = text_behind(line, "BPF scheduler \"");
	size_t length;

	rest = rest ? text_behind(rest, name) : NULL;
	rest = rest ? text_behind(rest, "\" disabled (") : NULL;
	if (!rest)
		return false;
	length = strlen(rest);
	if (!length || rest[length - 1] != ')')
		return false;
	snprintf(reason, size, "%.*s", (int)(length - 1), rest);
	return true;
}

void scx_exit_info_init(struct scx_exit_info *info)
{
	*info = (struct scx_exit_info){ .kind = "unknown" };
}

/* stack_trace_print() indents by three blanks and writes symbol+0xoffset/0xsize. */
static void feed_trace(struct scx_exit_info *info, const char *line)
{
	size_t used = strlen(info->trace);
	size_t length = strlen(line);

	if (*line != ' ' || !strstr(line, "+0x"))
		return;
	/* A whole line or none. */
	if (used + length + 2 > sizeof(info->trace))
		return;
	memcpy(info->trace + used, line, length);
	memcpy(info->trace + used + length, "\n", 2);
}

void scx_exit_info_feed(struct scx_exit_info *info, const char *name, const char *line)
{
	const char *rest = text_behind(line, PREFIX);
	const char *message;

	if (!rest) {
		if (info->complete)
			feed_trace(info, line);
		return;
	}
	if (parse_disabled(rest, name, info->reason, sizeof(info->reason))) {
		info->complete = true;
		info->kind = kind_of(info->reason);
		info->message[0] = info->trace[0] = '\0';
		return;
	}
	message = text_behind(rest, name);
	message = message ? text_behind(message, ": ") : NULL;
	if (info->complete && message && !info->message[0])
		snprintf(info->message, sizeof(info->message), "%s", message);
}
