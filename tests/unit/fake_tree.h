/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* A directory under /tmp that stands in for the cgroup file system, gone after each test. */
struct fake_tree {
	char root[64];
	int fds; /* open when the test began */
};

static inline int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static inline int fake_tree_setup(void **state)
{
	static struct fake_tree tree;

	snprintf(tree.root, sizeof(tree.root), "/tmp/ktstr-unit-cgroup-XXXXXX");
	if (!mkdtemp(tree.root))
		return -1;
	tree.fds = count_fds();
	*state = &tree;
	return 0;
}

static inline int fake_tree_rm(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline int fake_tree_teardown(void **state)
{
	struct fake_tree *tree = *state;
	int leaked = count_fds() - tree->fds;

	if (leaked)
		print_error("%d descriptors leaked\n", leaked);
	nftw(tree->root, fake_tree_rm, 8, FTW_DEPTH | FTW_PHYS);
	return leaked ? -1 : 0;
}

static inline const char *tree_path(const struct fake_tree *tree, const char *path)
{
	static char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", tree->root, path);
	return full;
}

static inline void tree_mkdir(const struct fake_tree *tree, const char *path)
{
	assert_int_equal(mkdir(tree_path(tree, path), 0755), 0);
}

static inline void tree_write(const struct fake_tree *tree, const char *path, const char *text)
{
	FILE *file = fopen(tree_path(tree, path), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static inline const char *tree_read(const struct fake_tree *tree, const char *path)
{
	static char text[4096];
	FILE *file = fopen(tree_path(tree, path), "re");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static inline int tree_has(const struct fake_tree *tree, const char *path)
{
	return !access(tree_path(tree, path), F_OK);
}
