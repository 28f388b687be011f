// SPDX-License-Identifier: GPL-2.0-only
/* A copy reads as the original and has its holes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sparse.h"
#include "unit.h"

#define FILE_BYTES (8 << 20)

static int scratch(void)
{
	char path[] = "/tmp/ktstr-sparse-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static const struct {
	const char *name;
	off_t at[3]; /* where there is data; -1: nowhere */
} layouts[] = {
	{ "all hole", { -1, -1, -1 } },
	{ "data at the begin", { 0, -1, -1 } },
	{ "data at the end", { FILE_BYTES - 4096, -1, -1 } },
	{ "data between holes", { 1 << 20, 4 << 20, 7 << 20 } },
};

static void sparse_copy_copies_data_and_holes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		int from = scratch(), to = scratch();
		char *left = malloc(FILE_BYTES), *right = malloc(FILE_BYTES);
		struct stat was, is;

		assert_int_equal(ftruncate(from, FILE_BYTES), 0);
		for (size_t k = 0; k < COUNT(layouts[i].at); k++)
			if (layouts[i].at[k] >= 0)
				assert_int_equal(pwrite(from, "some data", 9, layouts[i].at[k]), 9);
		assert_int_equal(sparse_copy(from, to), 0);
		assert_int_equal(fstat(from, &was), 0);
		assert_int_equal(fstat(to, &is), 0);
		assert_int_equal(is.st_size, FILE_BYTES);
		if (is.st_blocks > was.st_blocks + 64)
			fail_msg("%s: %jd blocks became %jd", layouts[i].name, (intmax_t)was.st_blocks,
				 (intmax_t)is.st_blocks);
		assert_int_equal(pread(from, left, FILE_BYTES, 0), FILE_BYTES);
		assert_int_equal(pread(to, right, FILE_BYTES, 0), FILE_BYTES);
		assert_memory_equal(left, right, FILE_BYTES);
		free(left);
		free(right);
		close(from);
		close(to);
	}
}

static void sparse_copy_says_what_cannot_be(void **state)
{
	int from = scratch();

	(void)state;
	assert_int_equal(sparse_copy(from, -1), -EBADF);
	assert_int_equal(sparse_copy(-1, from), -EBADF);
	close(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sparse_copy_copies_data_and_holes),
		cmocka_unit_test(sparse_copy_says_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
