/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/machine.h>

/* Where the running kernel tells of its nodes. */
#define MACHINE_NODES "/sys/devices/system/node"

/*
 * Note how much memory each node of machine has, from node<N>/meminfo in the directory nodes. What
 * cannot be read stays unknown.
 */
void machine_read_memory(struct ktstr_machine *machine, const char *nodes);
