// SPDX-License-Identifier: GPL-2.0-only
/* Memory of the NUMA nodes. By hand: hwloc knows what a node has, not what is free. */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "topology/machine.h"
#include "topology/machine_memory.h"

#define MEMINFO_MAX (64u << 10)
#define KIB 1024

/* The value of "Node 0 MemTotal:  2011184 kB". */
static bool find_kib(const char *text, const char *key, uint64_t *ret_bytes)
{
	const size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at;
		unsigned long long kib;
		char *end;

		line += *line == '\n';
		at = line + strcspn(line, ":\n");
		if (*at != ':' || (size_t)(at - line) <= length ||
		    at[-(ptrdiff_t)length - 1] != ' ' || memcmp(at - length, key, length) != 0)
			continue;
		kib = strtoull(at + 1, &end, 10);
		if (end == at + 1 || strncmp(end, " kB", 3) != 0 || kib > UINT64_MAX / KIB)
			return false;
		*ret_bytes = kib * KIB;
		return true;
	}
	return false;
}

static void read_node(const char *nodes, unsigned node, struct ktstr_node_memory *memory)
{
	struct ktstr_node_memory read = { 0 };
	auto_free char *text = NULL;
	char path[256];

	if (snprintf(path, sizeof(path), "%s/node%u/meminfo", nodes, node) >= (int)sizeof(path) ||
	    file_read(AT_FDCWD, path, MEMINFO_MAX, &text, NULL, NULL) ||
	    !find_kib(text, "MemTotal", &read.total_bytes) ||
	    !find_kib(text, "MemFree", &read.free_bytes))
		return;
	/* Two lines of a file that changes: free may come out larger. */
	if (read.total_bytes > read.free_bytes)
		read.used_bytes = read.total_bytes - read.free_bytes;
	*memory = read;
}

void machine_read_memory(struct ktstr_machine *machine, const char *nodes)
{
	for (unsigned node = 0; node < CPU_SETSIZE; node++)
		if (CPU_ISSET(node, &machine->layout.nodes))
			read_node(nodes, node, &machine->memory[machine_node_rank(machine, node)]);
}
