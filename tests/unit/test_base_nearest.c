// SPDX-License-Identifier: GPL-2.0-only
#include "base/nearest.h"

#include "unit.h"

static void nearest_best_suggests_what_was_meant(void **state)
{
	static const struct {
		const char *typed;
		const char *best;
	} cases[] = {
		{ "kernle", "kernel" },
		{ "verbse", "verbose" },
		{ "topo", "topology" },
		{ "tets", "test" },
		{ "test", "test" },
		{ "results-dir", NULL },
		{ "x", NULL },
		{ "", NULL },
		{ "a-word-that-is-much-longer-than-any-option-that-anybody-would-ever-name", NULL },
	};
	static const char *const words[] = { "kernel", "verbose", "topology", "test", "list" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nearest nearest = NEAREST(cases[i].typed);
		const char *best;

		for (size_t j = 0; j < COUNT(words); j++)
			nearest_offer(&nearest, words[j]);
		best = nearest_best(&nearest);
		if (!cases[i].best && best)
			fail_msg("'%s' gave '%s'", cases[i].typed, best);
		if (cases[i].best)
			assert_string_equal(best ? best : "none", cases[i].best);
	}
}

static void nearest_best_of_nothing_is_nothing(void **state)
{
	struct nearest nearest = NEAREST("kernel");

	(void)state;
	assert_null(nearest_best(&nearest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_best_suggests_what_was_meant),
		cmocka_unit_test(nearest_best_of_nothing_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
