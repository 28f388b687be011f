// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a fuzz target over files or folders of files instead of a fuzzer's inputs, so that the
 * corpus is part of every test run. With a fuzzer, link the target with -fsanitize=fuzzer and
 * leave this file out.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "fuzz.h"

#define INPUT_MAX_BYTES (16u << 20)

static int replay(int dirfd, const char *path)
{
	struct ktstr_error error = { 0 };
	auto_free char *data = NULL;
	size_t size;

	if (file_read(dirfd, path, INPUT_MAX_BYTES, &data, &size, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return -1;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	return 1;
}

/* Number of inputs run, -1 on failure. */
static int replay_folder(const char *path)
{
	auto_closedir DIR *folder = opendir(path);
	const struct dirent *entry;
	int inputs = 0;

	if (!folder)
		return replay(AT_FDCWD, path);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (replay(dirfd(folder), entry->d_name) < 0)
			return -1;
		inputs++;
	}
	return inputs;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int inputs = replay_folder(argv[i]);

		if (inputs < 0)
			return 1;
		total += inputs;
	}
	printf("%d inputs\n", total);
	return total ? 0 : 1; /* an empty corpus is a broken checkout, not a pass */
}
