// SPDX-License-Identifier: GPL-2.0-only
/* Which CPUs belong to which NUMA node, as the kernel lists them. */
#include "workload/node_cpus.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/cpulist.h"
#include "base/file.h"

#define CPULIST_BYTES 65536 /* more than a list of CPU_SETSIZE CPUs can take */

static void read_list(const char *path, cpu_set_t *ret_set)
{
	auto_free char *text = NULL;

	CPU_ZERO(ret_set);
	if (!file_read(AT_FDCWD, path, CPULIST_BYTES, &text, NULL, NULL) &&
	    cpulist_parse(text, ret_set, NULL))
		CPU_ZERO(ret_set);
}

void node_cpus_read(unsigned node, cpu_set_t *ret_cpus)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist", node);
	read_list(path, ret_cpus);
}

void node_cpus_list_nodes(cpu_set_t *ret_nodes)
{
	read_list("/sys/devices/system/node/has_cpu", ret_nodes);
}
