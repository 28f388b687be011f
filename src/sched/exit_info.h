/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Why the kernel disabled a scheduler, put together from the lines it logs:
 *
 *	sched_ext: BPF scheduler "NAME" disabled (REASON)
 *	sched_ext: NAME: MESSAGE
 *	   function+0x12/0x34			(the stack, for errors only)
 *
 * Read in kernel/sched/ext/ext.c of 7.2 and kernel/sched/ext.c of 6.12.
 */
struct scx_exit_info {
	bool complete;	  /* the "disabled" line was seen */
	const char *kind; /* "SCX_EXIT_ERROR_BPF" ...; "unknown" for a reason we do not know */
	char reason[256];
	char message[1024]; /* SCX_EXIT_MSG_LEN of the kernel; "" when it gave none */
	char trace[4096];   /* a line each, newline at the end of each */
};

void scx_exit_info_init(struct scx_exit_info *info);

/* Take one line of the kernel log into info; lines about something else change nothing. */
void scx_exit_info_feed(struct scx_exit_info *info, const char *name, const char *line);
