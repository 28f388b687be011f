// SPDX-License-Identifier: GPL-2.0-only
/* Prints the file it is given; without one, the cgroup that it is in. */
#include <stdio.h>

int main(int argc, char **argv)
{
	FILE *file = fopen(argc > 1 ? argv[1] : "/proc/self/cgroup", "r");
	char line[4096];

	if (!file) {
		perror(argc > 1 ? argv[1] : "/proc/self/cgroup");
		return 1;
	}
	while (fgets(line, sizeof(line), file))
		fputs(line, stdout);
	fclose(file);
	return 0;
}
