/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>
#include <ktstr/topology.h>

#include "cli/terminal.h"
#include "runner/env.h"

/* A guest with a shell, or with one command. */
struct shell_config {
	const struct vm_env *env;
	struct ktstr_topology topology;
	unsigned memory_mib; /* 0: default */
	struct vm_devices devices;
	const char *command;	  /* NULL: an interactive shell */
	uint64_t exec_timeout_ms; /* for command */
	int stop_fd;		  /* readable when the user wants to stop */
};

/*
 * Boot, run the shell between the standard streams and the guest, power off. *ret_status is the
 * command's exit status, 128 and the signal when it was killed. -ECANCELED when the user ended it
 * (Ctrl-A X, a signal); otherwise a negative errno with the reason, among them the last lines of
 * the guest's console when it crashed. The terminal is as it was, the VM gone, in every case.
 */
int shell_run(const struct shell_config *config, int *ret_status,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
