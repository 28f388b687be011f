// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/registry.h"

#include "unit.h"

static int run_nothing(struct ktstr_ctx *ctx)
{
	(void)ctx;
	return 0;
}

static const struct ktstr_scheduler simple = {
	.name = "simple", .bpf_object = "simple.bpf.o", .topology = { .llcs = 4 },
};
static const struct ktstr_scheduler nameless = { .bpf_object = "x.bpf.o" };
static const struct ktstr_scheduler objectless = { .name = "x" };
static const struct ktstr_scheduler negative = {
	.name = "x", .bpf_object = "x.bpf.o", .check = { .max_spread_pct = -1 },
};

static const struct ktstr_payload bad_regex = {
	.name = "fio", .output = KTSTR_OUTPUT_REGEX({ "x", "(" }),
};
static const struct ktstr_payload fine = { .name = "fio" };

#define TEST(...) { .file = "a.c", .line = 7, .run = run_nothing, __VA_ARGS__ }

static void registry_check_test_accepts_sound_declarations(void **state)
{
	const struct ktstr_test cases[] = {
		TEST(.name = "plain"),
		TEST(.name = "with-dash.and.dot"),
		TEST(.name = "big", .topology = { 2, 4, 8, 2 }),
		TEST(.name = "payload", .payloads = KTSTR_PAYLOADS(&fine)),
		TEST(.name = "inherits", .scheduler = &simple, .topology = { .numa_nodes = 2 }),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error error = { 0 };

		if (registry_check_test(&cases[i], &error))
			fail_msg("%s: %s", cases[i].name, error.text);
	}
}

static void registry_check_test_names_place_and_value(void **state)
{
	const struct {
		struct ktstr_test test;
		const char *parts[2];
	} cases[] = {
		{ TEST(.name = ""), { "a.c:7: test '': the name is empty", "" } },
		{ TEST(.name = "a/b"), { "a.c:7: test 'a/b'", "no '/', '\\', '#' or space" } },
		{ TEST(.name = "a\\b"), { "a.c:7: test 'a\\b'", "0x5c" } },
		{ TEST(.name = "a b"), { "test 'a b'", "0x20" } },
		{ TEST(.name = "a#b"), { "test 'a#b'", "0x23" } },
		{ TEST(.name = "odd", .topology = { .numa_nodes = 2, .llcs = 3 }),
		  { "a.c:7: test 'odd': ", "3" } },
		{ TEST(.name = "huge", .topology = { 1, 16, 16, 2 }), { "a.c:7: test 'huge': ", "512" } },
		{ TEST(.name = "s", .scheduler = &nameless), { "its scheduler has no name", "" } },
		{ TEST(.name = "s", .scheduler = &objectless),
		  { "scheduler 'x' has no bpf_object", "give the path" } },
		{ TEST(.name = "s", .scheduler = &negative), { "max_spread_pct -1", "scheduler's" } },
		{ TEST(.name = "p", .payloads = KTSTR_PAYLOADS(&bad_regex)),
		  { "a.c:7: test 'p': payload 'fio': output 'x': '(' is no regular expression", "" } },
		{ TEST(.name = "p", .payloads = KTSTR_PAYLOADS(NULL)), { "payload 0 is NULL", "" } },
		{ TEST(.name = "s", .check = { .max_spread_pct = (double)NAN }),
		  { "max_spread_pct", "test 's'" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error error = { 0 };

		assert_int_not_equal(registry_check_test(&cases[i].test, &error), 0);
		assert_contains(error.text, cases[i].parts[0]);
		assert_contains(error.text, cases[i].parts[1]);
		assert_null(strchr(error.text, '\n'));
	}
}

static struct ktstr_test late = { .name = "late", .file = "b.c", .line = 3, .run = run_nothing };
static struct ktstr_test first = { .name = "first", .file = "a.c", .line = 5, .run = run_nothing };
static struct ktstr_test second = { .name = "second", .file = "a.c", .line = 40, .run = run_nothing };
static struct ktstr_test twin = { .name = "first", .file = "c.c", .line = 9, .run = run_nothing };

static void registry_collect_sorts_by_place(void **state)
{
	struct ktstr_test **tests = NULL;
	struct ktstr_error error = { 0 };
	size_t count = 0;

	(void)state;
	ktstr_test_register(&second);
	ktstr_test_register(&late);
	ktstr_test_register(&first);
	ktstr_test_register(&first); /* again: nothing happens */
	assert_int_equal(registry_collect(&tests, &count, &error), 0);
	assert_int_equal(count, 3);
	assert_ptr_equal(tests[0], &first);
	assert_ptr_equal(tests[1], &second);
	assert_ptr_equal(tests[2], &late);

	assert_int_equal(registry_filter(tests, &count, "*e*", &error), 0);
	assert_int_equal(count, 2);
	assert_ptr_equal(tests[0], &second);
	assert_int_equal(registry_filter(tests, &count, "sceond", &error), -ENOENT);
	assert_contains(error.text, "nearest is 'second'");
	free(tests);
}

static void registry_collect_refuses_twins_naming_both_places(void **state)
{
	struct ktstr_test **tests = NULL;
	struct ktstr_error error = { 0 };
	size_t count = 0;

	(void)state;
	ktstr_test_register(&twin);
	assert_int_equal(registry_collect(&tests, &count, &error), -EINVAL);
	assert_contains(error.text, "c.c:9: test 'first'");
	assert_contains(error.text, "a.c:5");
	assert_null(tests);
}

static const struct ktstr_scheduler other_simple = { .name = "simple", .bpf_object = "other.bpf.o" };

static void registry_collect_refuses_two_schedulers_of_a_name(void **state)
{
	static struct ktstr_test one = TEST(.name = "one", .scheduler = &simple);
	static struct ktstr_test two = TEST(.name = "two", .scheduler = &other_simple);
	struct ktstr_test **tests = NULL;
	struct ktstr_error error = { 0 };
	size_t count = 0;

	(void)state;
	twin.name = "no_twin_any_more";
	ktstr_test_register(&one);
	two.line = 8;
	ktstr_test_register(&two);
	assert_int_equal(registry_collect(&tests, &count, &error), -EINVAL);
	assert_contains(error.text, "a.c:8: test 'two': its scheduler 'simple'");
	assert_contains(error.text, "test 'one' at a.c:7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry_check_test_accepts_sound_declarations),
		cmocka_unit_test(registry_check_test_names_place_and_value),
		/* One registry for the process: these build on each other. */
		cmocka_unit_test(registry_collect_sorts_by_place),
		cmocka_unit_test(registry_collect_refuses_twins_naming_both_places),
		cmocka_unit_test(registry_collect_refuses_two_schedulers_of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
