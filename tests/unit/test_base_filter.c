// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/filter.h"

#include "unit.h"

static const char *const names[] = { "cpuset_swap", "cpuset_grow", "two_cgroups" };

static size_t count_matches(struct name_filter *filter)
{
	size_t matches = 0;

	for (size_t i = 0; i < COUNT(names); i++)
		matches += name_filter_matches(filter, names[i]);
	return matches;
}

static void name_filter_chooses_by_glob(void **state)
{
	static const struct {
		const char *glob;
		size_t matches;
	} cases[] = {
		{ NULL, 3 }, { "*", 3 }, { "cpuset_*", 2 }, { "two_cgroups", 1 }, { "[ct]*s", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct name_filter filter = NAME_FILTER(cases[i].glob);

		assert_int_equal(count_matches(&filter), cases[i].matches);
		assert_int_equal(name_filter_check(&filter, NULL), 0);
	}
}

static void name_filter_check_names_the_nearest(void **state)
{
	struct name_filter typo = NAME_FILTER("two_cgruops"), wild = NAME_FILTER("nothing_like_it*");
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(count_matches(&typo), 0);
	assert_int_equal(name_filter_check(&typo, &error), -ENOENT);
	assert_string_equal(error.text, "option --filter: 'two_cgruops' matches none of 3 tests, "
					"nearest is 'two_cgroups'");
	assert_int_equal(count_matches(&wild), 0);
	assert_int_equal(name_filter_check(&wild, &error), -ENOENT);
	assert_string_equal(error.text, "option --filter: 'nothing_like_it*' matches none of 3 tests; "
					"--list names them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_filter_chooses_by_glob),
		cmocka_unit_test(name_filter_check_names_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
