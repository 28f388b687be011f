// SPDX-License-Identifier: GPL-2.0-only
/* Which tests share a guest's template and files, and which must not. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/group.h"
#include "unit.h"

static struct binary_payload stress[] = { { .name = (char *)"a", .exe = (char *)"stress-ng" } };
static struct binary_payload fio[] = { { .name = (char *)"a", .exe = (char *)"fio" } };
static char *include[] = { (char *)"job.fio" };
static struct binary_payload fio_with_job[] = {
	{ .name = (char *)"a", .exe = (char *)"fio", .include_files = include, .include_files_count = 1 },
};

/* Beside the first: which of its neighbours is alike. */
static const struct {
	const char *name;
	struct binary_test test;
	struct ktstr_topology topology;
	const char *object;
	bool other_binary, is_alike;
} tests[] = {
	{ "the first", { .memory_mib = 512 }, { 1, 1, 2, 1 }, "/s.bpf.o", false, true },
	{ "the same", { .memory_mib = 512, .name = (char *)"b", .duration_ms = 7, .expect_err = true },
	  { 1, 1, 2, 1 }, "/s.bpf.o", false, true },
	{ "another topology", { .memory_mib = 512 }, { 1, 2, 1, 1 }, "/s.bpf.o", false, false },
	{ "another memory", { .memory_mib = 513 }, { 1, 1, 2, 1 }, "/s.bpf.o", false, false },
	{ "another scheduler", { .memory_mib = 512 }, { 1, 1, 2, 1 }, "/t.bpf.o", false, false },
	{ "no scheduler", { .memory_mib = 512 }, { 1, 1, 2, 1 }, "", false, false },
	{ "a disk", { .memory_mib = 512, .devices = { .disk_mib = 64 } }, { 1, 1, 2, 1 }, "/s.bpf.o", false,
	  false },
	{ "a NIC", { .memory_mib = 512, .devices = { .network = true } }, { 1, 1, 2, 1 }, "/s.bpf.o", false,
	  false },
	{ "a payload", { .memory_mib = 512, .payloads = stress, .payloads_count = 1 }, { 1, 1, 2, 1 },
	  "/s.bpf.o", false, false },
	{ "another payload", { .memory_mib = 512, .payloads = fio, .payloads_count = 1 }, { 1, 1, 2, 1 },
	  "/s.bpf.o", false, false },
	{ "a payload with a file", { .memory_mib = 512, .payloads = fio_with_job, .payloads_count = 1 },
	  { 1, 1, 2, 1 }, "/s.bpf.o", false, false },
	{ "another binary", { .memory_mib = 512 }, { 1, 1, 2, 1 }, "/s.bpf.o", true, false },
	{ "the same once more", { .memory_mib = 512 }, { 1, 1, 2, 1 }, "/s.bpf.o", false, true },
};

static void test_groups_make_tells_guests_and_files_apart(void **state)
{
	static struct test_plan plans[COUNT(tests)];
	struct test_binary binary = { .path = (char *)"/demo" }, other = { .path = (char *)"/demo" };
	struct test_groups groups = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(tests); i++) {
		plans[i] = (struct test_plan){ .test = &tests[i].test,
					       .binary = tests[i].other_binary ? &other : &binary,
					       .topology = tests[i].topology };
		snprintf(plans[i].bpf_object, sizeof(plans[i].bpf_object), "%s", tests[i].object);
	}
	assert_int_equal(test_groups_make(plans, COUNT(tests), &groups, NULL), 0);
	for (size_t i = 0; i < COUNT(tests); i++)
		if ((groups.of[i] == groups.of[0]) != tests[i].is_alike)
			fail_msg("%s", tests[i].name);
	assert_int_equal(groups.of[0]->count, 3);
	assert_int_equal(groups.count, COUNT(tests) - 2);
	test_groups_release(&groups);
}

static void test_group_bundle_is_made_once_and_kept_to_the_end(void **state)
{
	char self[PATH_MAX] = "";
	struct test_binary binary = { .path = self };
	const struct binary_test test = { .name = (char *)"t" };
	const struct test_plan plans[2] = { { .test = &test, .binary = &binary },
					    { .test = &test, .binary = &binary } };
	struct test_groups groups = { 0 };
	struct ktstr_error error = { 0 };
	const struct bundle *bundle;

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_int_equal(test_groups_make(plans, 2, &groups, NULL), 0);
	bundle = test_group_bundle(groups.of[0], NULL, &error);
	if (!bundle)
		fail_msg("%s", error.text);
	assert_true(bundle_bytes(bundle) > 0);
	assert_string_equal(bundle_files(bundle)->items[0].host_path, self);
	assert_ptr_equal(test_group_bundle(groups.of[1], NULL, &error), bundle);
	test_group_leave(groups.of[0]);
	assert_non_null(groups.of[0]->bundle);
	test_group_leave(groups.of[1]);
	assert_null(groups.of[0]->bundle);
	test_groups_release(&groups);
}

static void test_group_bundle_says_why_there_is_none_each_time(void **state)
{
	struct test_binary binary = { .path = (char *)"/no/such/demo" };
	const struct binary_test test = { .name = (char *)"t" };
	const struct test_plan plan = { .test = &test, .binary = &binary };
	struct test_group group;

	(void)state;
	test_group_init(&group, &plan);
	for (int i = 0; i < 2; i++) {
		struct ktstr_error error = { 0 };

		assert_null(test_group_bundle(&group, NULL, &error));
		assert_int_equal(error.code, -ENOENT);
		assert_contains(error.text, "'/no/such/demo'");
	}
	test_group_release(&group);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_groups_make_tells_guests_and_files_apart),
		cmocka_unit_test(test_group_bundle_is_made_once_and_kept_to_the_end),
		cmocka_unit_test(test_group_bundle_says_why_there_is_none_each_time),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
