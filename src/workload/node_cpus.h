/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>

/* The CPUs of a NUMA node (sysfs): the empty set where there is no such node, or it has no CPU. */
void node_cpus_read(unsigned node, cpu_set_t *ret_cpus);

/* The nodes that have CPUs, as a set of node numbers; empty on a kernel without NUMA. */
void node_cpus_list_nodes(cpu_set_t *ret_nodes);
