// SPDX-License-Identifier: GPL-2.0-only
/* The guest's network interface as sysfs and /proc/interrupts show it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nic.h"

bool nic_find(char name[NIC_TEXT_MAX], char device[NIC_TEXT_MAX])
{
	DIR *dir = opendir("/sys/class/net");
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		char path[320], target[256];
		ssize_t length;

		snprintf(path, sizeof(path), "/sys/class/net/%s/device", entry->d_name);
		length = readlink(path, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		snprintf(name, NIC_TEXT_MAX, "%.31s", entry->d_name);
		snprintf(device, NIC_TEXT_MAX, "%.31s", strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* All counts of the lines of /proc/interrupts that end in the name of the queue. */
unsigned long nic_interrupts(const char *device, const char *queue)
{
	FILE *stream = fopen("/proc/interrupts", "re");
	unsigned long total = 0;
	char line[4096], name[64];

	snprintf(name, sizeof(name), "%s-%s\n", device, queue);
	while (stream && fgets(line, sizeof(line), stream)) {
		char *at = strchr(line, ':'), *end;

		if (!at || strlen(line) < strlen(name) || strcmp(line + strlen(line) - strlen(name), name))
			continue;
		for (at++;; at = end) {
			unsigned long count = strtoul(at, &end, 10);

			if (end == at)
				break;
			total += count;
		}
	}
	if (stream)
		fclose(stream);
	return total;
}

unsigned long nic_counter(const char *name, const char *counter)
{
	unsigned long value = 0;
	char path[128];
	FILE *stream;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", name, counter);
	stream = fopen(path, "re");
	if (stream && fscanf(stream, "%lu", &value) != 1)
		value = 0;
	if (stream)
		fclose(stream);
	return value;
}
