/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Make the regular file to a copy of from, whose holes stay holes: a reflink where the file system
 * has them, else only the data is copied. What to held before must be holes. 0 or -errno.
 */
int sparse_copy(int from, int to);
