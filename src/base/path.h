/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Resolve "//", "." and ".." in an absolute path without looking at the file system. */
void path_normalize(char *path);

/* directory (of length bytes) and name; false when that does not fit. */
bool path_join(const char *directory, size_t length, const char *name, char ret_path[PATH_MAX]);

/* Where execvp(3) finds the program name, which has no slash. False: nowhere in PATH. */
bool path_find_program(const char *name, char ret_path[PATH_MAX]);
