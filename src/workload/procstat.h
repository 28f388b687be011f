/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What the kernel counts for a task, read from /proc. The parsers are pure; the readers use the
 * stack only (they run in a forked child, where malloc's state is not to be relied on) and treat
 * an unreadable file as "the kernel does not count this".
 */

struct schedstat {
	uint64_t cpu_time_ns, run_delay_ns, run_count;
};

/* The first three fields of a schedstat file; false when they are not three numbers. */
bool schedstat_parse(const char *text, struct schedstat *ret_stat);
bool schedstat_read(pid_t tid, struct schedstat *ret_stat);

/* The line "numa_pages_migrated N" of /proc/vmstat. */
bool vmstat_parse_migrated(const char *text, uint64_t *ret_pages);
bool vmstat_read_migrated(uint64_t *ret_pages);

/* The kernel's MAX_NUMNODES at CONFIG_NODES_SHIFT=10, the largest it can be configured for. */
#define NUMA_NODES_MAX 1024

/*
 * Add the N<node>=<pages> tokens of one line of numa_maps to pages[node]. False, and nothing is
 * added, for a line that does not start with a hexadecimal address or has no such token.
 */
bool numa_maps_parse_line(const char *line, uint64_t pages[NUMA_NODES_MAX]);

/*
 * All mappings of this process, added to pages; with a region (not NULL) only the mapping that
 * begins there.
 */
void numa_maps_read(const void *region, uint64_t pages[NUMA_NODES_MAX]);
