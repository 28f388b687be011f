// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest shows exactly the topology that was asked for. Read from sysfs, not through hwloc: the
 * agent has already compared hwloc's view, this is the second witness.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"

#define CPUS "/sys/devices/system/cpu"

/* First line of a file of one CPU, "" when there is none. */
static void read_cpu_file(int cpu, const char *file, char *text, int size)
{
	char path[160];
	FILE *stream;

	snprintf(path, sizeof(path), CPUS "/cpu%d/%s", cpu, file);
	text[0] = '\0';
	stream = fopen(path, "re");
	if (!stream)
		return;
	if (fgets(text, size, stream))
		text[strcspn(text, "\n")] = '\0';
	fclose(stream);
}

/* How many different texts the CPUs have in file: one for each group that shares it. */
static unsigned count_groups(unsigned cpus, const char *file)
{
	char seen[KTSTR_TOPOLOGY_MAX_CPUS][64];
	unsigned groups = 0;

	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		unsigned at = 0;
		char text[64];

		read_cpu_file((int)cpu, file, text, sizeof(text));
		while (at < groups && strcmp(seen[at], text))
			at++;
		if (at == groups)
			snprintf(seen[groups++], sizeof(seen[0]), "%s", text);
	}
	return groups;
}

static unsigned count_nodes(void)
{
	DIR *dir = opendir("/sys/devices/system/node");
	unsigned nodes = 0;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		nodes += !strncmp(entry->d_name, "node", 4) && entry->d_name[4] >= '0' && entry->d_name[4] <= '9';
	if (dir)
		closedir(dir);
	return nodes ? nodes : 1; /* a kernel without NUMA has no such folder */
}

static int guest_shows(struct ktstr_ctx *ctx, struct ktstr_topology asked)
{
	const struct ktstr_machine *machine = ktstr_ctx_machine(ctx);
	unsigned cpus = ktstr_topology_num_cpus(&asked);
	unsigned online = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	unsigned llcs = count_groups(cpus, "cache/index3/shared_cpu_list");
	unsigned cores = count_groups(cpus, "topology/thread_siblings_list");
	char first[64], expected[64];

	EXPECT(ctx, online == cpus, "%u online, %u asked", online, cpus);
	EXPECT(ctx, llcs == asked.llcs, "%u L3 groups, %u asked", llcs, asked.llcs);
	EXPECT(ctx, cores == asked.llcs * asked.cores, "%u cores, %u asked", cores, asked.llcs * asked.cores);
	EXPECT(ctx, count_nodes() == asked.numa_nodes, "%u nodes, %u asked", count_nodes(), asked.numa_nodes);

	/* Numbering: siblings first, then cores, then LLCs. */
	read_cpu_file(0, "cache/index3/shared_cpu_list", first, sizeof(first));
	snprintf(expected, sizeof(expected), asked.cores * asked.threads > 1 ? "0-%u" : "%u",
		 asked.cores * asked.threads - 1);
	EXPECT(ctx, !strcmp(first, expected), "LLC of CPU 0 is %s, not %s", first, expected);

	EXPECT(ctx, ktstr_machine_num_cpus(machine) == cpus, "%u", ktstr_machine_num_cpus(machine));
	EXPECT(ctx, ktstr_machine_num_llcs(machine) == asked.llcs, "%u", ktstr_machine_num_llcs(machine));
	EXPECT(ctx, ktstr_machine_num_numa_nodes(machine) == asked.numa_nodes, "%u",
	       ktstr_machine_num_numa_nodes(machine));
	if (asked.numa_nodes > 1)
		EXPECT(ctx, ktstr_machine_numa_distance(machine, 0, 1) == 20, "%u",
		       ktstr_machine_numa_distance(machine, 0, 1));
	return 0;
}

#define TOPOLOGY_TEST(name_, n, l, c, t)                                                    \
	KTSTR_TEST(topology_##name_,                                                        \
		   .topology = { .numa_nodes = n, .llcs = l, .cores = c, .threads = t })    \
	{                                                                                   \
		return guest_shows(ctx, (struct ktstr_topology){ n, l, c, t });             \
	}

TOPOLOGY_TEST(1n1l2c1t, 1, 1, 2, 1)
TOPOLOGY_TEST(1n2l2c1t, 1, 2, 2, 1)
TOPOLOGY_TEST(1n2l4c2t, 1, 2, 4, 2)
TOPOLOGY_TEST(2n2l2c2t, 2, 2, 2, 2)
TOPOLOGY_TEST(2n4l2c1t, 2, 4, 2, 1)
