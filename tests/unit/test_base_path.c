// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "base/path.h"
#include "unit.h"

static void path_normalize_resolves_dots(void **state)
{
	static const struct {
		const char *path, *normal;
	} rows[] = {
		{ "/a/b", "/a/b" },
		{ "/a//b", "/a/b" },
		{ "/a/./b", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/a/b/../..", "" },
		{ "/../../a", "/a" },
		{ "/a/b/../c/./d", "/a/c/d" },
		{ "/a/..b", "/a/..b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s", rows[i].path);
		path_normalize(path);
		assert_string_equal(path, rows[i].normal);
	}
}

static void path_join_refuses_what_does_not_fit(void **state)
{
	char path[PATH_MAX], name[PATH_MAX];

	(void)state;
	assert_true(path_join("/usr/bin:/bin", 8, "sh", path));
	assert_string_equal(path, "/usr/bin/sh");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(path_join("/usr", 4, name, path));
}

static void path_find_program_looks_where_exec_does(void **state)
{
	char path[PATH_MAX];
	char before[4096];

	(void)state;
	snprintf(before, sizeof(before), "%s", getenv("PATH"));
	assert_int_equal(setenv("PATH", "/no/such::/etc:/bin", 1), 0);
	assert_true(path_find_program("sh", path));
	assert_string_equal(path, "/bin/sh");
	/* Neither files that are no programs, nor folders. */
	assert_false(path_find_program("group", path));
	assert_int_equal(setenv("PATH", "/", 1), 0);
	assert_false(path_find_program("bin", path));
	assert_int_equal(unsetenv("PATH"), 0);
	assert_true(path_find_program("sh", path));
	assert_int_equal(setenv("PATH", before, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_normalize_resolves_dots),
		cmocka_unit_test(path_join_refuses_what_does_not_fit),
		cmocka_unit_test(path_find_program_looks_where_exec_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
