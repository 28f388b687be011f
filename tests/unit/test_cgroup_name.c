// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "cgroup/cgroup_name.h"
#include "unit.h"

static void name_check_accepts_what_stays_below_the_parent(void **state)
{
	static const char *const names[] = { "cg_0", "a/b", "a/b/c", "a.b", "a..b", "x/y.", "a b" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(cgroup_name_check(names[i], NULL), 0);
}

static const struct {
	const char *name, *reason;
} refused[] = {
	{ NULL, "without a name" },
	{ "", "empty" },
	{ "/", "leading '/'" },
	{ "/a", "leading '/'" },
	{ "a//b", "component is empty" },
	{ "a/", "component is empty" },
	{ "..", "'..'" },
	{ "a/../b", "'..'" },
	{ "a/..", "'..'" },
	{ ".", "'.'" },
	{ "./a", "'.'" },
	{ ".hid", "starts with a dot" },
	{ "a/.hid", "starts with a dot" },
	{ "...", "starts with a dot" },
};

static void name_check_refuses_and_names_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(cgroup_name_check(refused[i].name, &error), -EINVAL);
		assert_contains(error.text, refused[i].reason);
		if (refused[i].name)
			assert_contains(error.text, refused[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_check_accepts_what_stays_below_the_parent),
		cmocka_unit_test(name_check_refuses_and_names_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
