/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/argv.h"
#include "vm/vm_config.h"

/* QEMU's ends, by number; the same numbers in QEMU. -1: none. */
struct qemu_fds {
	int kernel, initrd;		 /* read through /proc/self/fd, so they need no name */
	int console, ctl, log, tty, qmp; /* connected stream sockets */
	int ram, state;			 /* as in struct vm_config; read as the kernel is */
	int disk;			 /* a file, opened as the kernel is */
	int nic;			 /* a connected datagram socket */
};

#define QEMU_FDS_NONE                                                                              \
	((struct qemu_fds){ .kernel = -1,                                                          \
			    .initrd = -1,                                                          \
			    .console = -1,                                                         \
			    .ctl = -1,                                                             \
			    .log = -1,                                                             \
			    .tty = -1,                                                             \
			    .qmp = -1,                                                             \
			    .ram = -1,                                                             \
			    .state = -1,                                                           \
			    .disk = -1,                                                            \
			    .nic = -1 })

/*
 * Refuse a machine that cannot be built, before anything is started: -EINVAL, -ERANGE with the
 * limit in the text.
 */
int qemu_command_check(const struct vm_config *config, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Append the whole command to argv; a config that passed the check, cmdline for the kernel (unused
 * when there is none to boot).
 */
void qemu_command_build(const struct vm_config *config, const struct qemu_fds *fds,
			const char *cmdline, struct argv *argv);
