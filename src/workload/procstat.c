// SPDX-License-Identifier: GPL-2.0-only
/* schedstat, vmstat and numa_maps: parsers, and readers that need no heap. */
#include "workload/procstat.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SCHEDSTAT_BYTES 256
#define VMSTAT_BYTES 16384 /* 7.2: under 5 KiB */
/* A line holds a path (PATH_MAX at most) and a token per node; longer ones are passed over. */
#define NUMA_LINE_BYTES 16384

static ssize_t read_retry(int fd, char *buffer, size_t size)
{
	ssize_t got;

	do
		got = read(fd, buffer, size);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool read_text(const char *path, char *buffer, size_t size)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return false;
	while (used + 1 < size) {
		got = read_retry(fd, buffer + used, size - used - 1);
		if (got < 0)
			return false;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	buffer[used] = '\0';
	return used > 0;
}

/* An unsigned number at *text that ends at white space or the end; *text moves behind it. */
static bool take_number(const char **text, uint64_t *ret_value)
{
	char *end;

	while (isspace((unsigned char)**text))
		(*text)++;
	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*ret_value = strtoull(*text, &end, 10);
	if (errno || (*end && !isspace((unsigned char)*end)))
		return false;
	*text = end;
	return true;
}

bool schedstat_parse(const char *text, struct schedstat *ret_stat)
{
	struct schedstat stat;

	if (!take_number(&text, &stat.cpu_time_ns) || !take_number(&text, &stat.run_delay_ns) ||
	    !take_number(&text, &stat.run_count))
		return false;
	*ret_stat = stat;
	return true;
}

bool schedstat_read(pid_t tid, struct schedstat *ret_stat)
{
	char path[64], text[SCHEDSTAT_BYTES];

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", tid);
	return read_text(path, text, sizeof(text)) && schedstat_parse(text, ret_stat);
}

bool vmstat_parse_migrated(const char *text, uint64_t *ret_pages)
{
	static const char key[] = "numa_pages_migrated ";

	while (text) {
		if (!strncmp(text, key, sizeof(key) - 1)) {
			text += sizeof(key) - 1;
			return take_number(&text, ret_pages);
		}
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return false;
}

bool vmstat_read_migrated(uint64_t *ret_pages)
{
	char text[VMSTAT_BYTES];

	return read_text("/proc/vmstat", text, sizeof(text)) &&
	       vmstat_parse_migrated(text, ret_pages);
}

static bool parse_node_token(const char *token, const char *end, unsigned long *ret_node,
			     uint64_t *ret_pages)
{
	char *at;

	if (*token != 'N' || !isdigit((unsigned char)token[1]))
		return false;
	errno = 0;
	*ret_node = strtoul(token + 1, &at, 10);
	if (errno || *at != '=' || *ret_node >= NUMA_NODES_MAX || !isdigit((unsigned char)at[1]))
		return false;
	*ret_pages = strtoull(at + 1, &at, 10);
	return !errno && at == end;
}

bool numa_maps_parse_line(const char *line, uint64_t pages[NUMA_NODES_MAX])
{
	size_t digits = strspn(line, "0123456789abcdef");
	bool found = false;

	if (!digits || digits > 16 || line[digits] != ' ')
		return false;
	line += digits;
	line += strspn(line, " ");
	line += strcspn(line, " \n"); /* the policy, which may look like anything */
	for (;;) {
		unsigned long node;
		const char *end;
		uint64_t count;

		line += strspn(line, " ");
		end = line + strcspn(line, " \n");
		if (end == line)
			return found;
		if (parse_node_token(line, end, &node, &count)) {
			pages[node] += count;
			found = true;
		}
		line = end;
	}
}

static void read_line(const char *line, const void *region, uint64_t pages[NUMA_NODES_MAX])
{
	if (!region || strtoull(line, NULL, 16) == (uintptr_t)region)
		numa_maps_parse_line(line, pages);
}

void numa_maps_read(const void *region, uint64_t pages[NUMA_NODES_MAX])
{
	auto_close int fd = open("/proc/self/numa_maps", O_RDONLY | O_CLOEXEC);
	char buffer[NUMA_LINE_BYTES];
	bool skipping = false; /* inside a line that was too long */
	size_t used = 0;

	if (fd < 0)
		return;
	for (;;) {
		ssize_t got = read_retry(fd, buffer + used, sizeof(buffer) - used - 1);
		char *line = buffer, *newline;

		if (got <= 0)
			return;
		used += (size_t)got;
		buffer[used] = '\0';
		while ((newline = strchr(line, '\n'))) {
			*newline = '\0';
			if (!skipping)
				read_line(line, region, pages);
			skipping = false;
			line = newline + 1;
		}
		used -= (size_t)(line - buffer);
		memmove(buffer, line, used);
		if (used == sizeof(buffer) - 1) {
			skipping = true;
			used = 0;
		}
	}
}
