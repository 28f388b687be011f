// SPDX-License-Identifier: GPL-2.0-only
/* The machine the VMs share. */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "runner/host.h"

#define MEMINFO_MAX 65536
#define KIB_PER_MIB 1024

uint64_t host_parse_meminfo(const char *meminfo)
{
	static const char key[] = "MemAvailable:";

	for (const char *line = meminfo; *line;) {
		const char *end = strchrnul(line, '\n');

		if (strncmp(line, key, strlen(key)) == 0)
			return strtoull(line + strlen(key), NULL, 10) / KIB_PER_MIB;
		line = *end ? end + 1 : end;
	}
	return 0;
}

/* Of a machine with more than CPU_SETSIZE CPUs all count. */
static unsigned usable_cpus(void)
{
	cpu_set_t cpus;
	long online;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		return (unsigned)CPU_COUNT(&cpus);
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 ? (unsigned)online : 1;
}

void host_look(struct admission_host *ret_host)
{
	auto_free char *meminfo = NULL;

	*ret_host = (struct admission_host){ .cpus = usable_cpus() };
	if (file_read(AT_FDCWD, "/proc/meminfo", MEMINFO_MAX, &meminfo, NULL, NULL) == 0)
		ret_host->memory_mib = host_parse_meminfo(meminfo);
}
