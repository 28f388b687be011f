// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runner/plan.h"

#include "unit.h"

static char folder[] = "/tmp/ktstr-unit-plan-XXXXXX";

static void write_file(const char *name, const char *bytes, size_t size)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, bytes, size), 0);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	write_file("good.bpf.o", "\177ELF....", 8);
	write_file("text.bpf.o", "not an object", 13);
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/good.bpf.o", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/text.bpf.o", folder);
	unlink(path);
	return rmdir(folder);
}

static struct test_binary binary_here(char path[128])
{
	snprintf(path, 128, "%s/tests", folder);
	return (struct test_binary){ .path = path };
}

static void test_plan_make_resolves_topology_in_order(void **state)
{
	static struct binary_scheduler scheduler = {
		.name = (char *)"simple", .bpf_object = (char *)"good.bpf.o",
		.topology = { .llcs = 4, .cores = 3 },
	};
	static const struct {
		struct binary_test test;
		const char *override, *expected;
	} cases[] = {
		{ { .topology = { 0 } }, NULL, "1n1l2c1t" },
		{ { .topology = { .llcs = 2, .cores = 1 } }, NULL, "1n2l1c1t" },
		{ { .topology = { .llcs = 2 }, .scheduler = &scheduler }, NULL, "1n2l3c1t" },
		{ { .topology = { .threads = 2 }, .scheduler = &scheduler }, NULL, "1n4l3c2t" },
		{ { .topology = { .llcs = 2 }, .scheduler = &scheduler }, "2n2l2c2t", "2n2l2c2t" },
		{ { .topology = { .llcs = 3, .numa_nodes = 2 } }, "1n1l1c1t", "1n1l1c1t" },
	};
	char path[128], text[KTSTR_TOPOLOGY_TEXT_MAX];
	struct test_binary binary = binary_here(path);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_overrides overrides = { .topology = cases[i].override };
		struct binary_test test = cases[i].test;
		struct ktstr_error error = { 0 };
		struct test_plan plan;

		test.name = (char *)"t";
		if (test_plan_make(&binary, &test, &overrides, &plan, &error))
			fail_msg("%s", error.text);
		assert_string_equal(ktstr_topology_format(&plan.topology, text), cases[i].expected);
	}
}

static void test_plan_make_fills_defaults(void **state)
{
	static const struct {
		uint64_t duration_ms, timeout_ms, override_ms, expected_ms;
	} timeouts[] = {
		{ 0, 0, 0, 32000 }, { 1000, 0, 0, 21000 }, { 1000, 5000, 0, 5000 },
		{ 1000, 5000, 700, 700 }, { UINT64_MAX, 0, 0, UINT64_MAX },
	};
	struct binary_test test = { .name = (char *)"t", .topology = { 1, 4, 8, 2 } };
	struct test_binary binary = { .path = (char *)"/tests" };
	struct plan_overrides overrides = { 0 };
	struct test_plan plan;

	(void)state;
	for (size_t i = 0; i < COUNT(timeouts); i++) {
		test.duration_ms = timeouts[i].duration_ms;
		test.timeout_ms = timeouts[i].timeout_ms;
		overrides.timeout_ms = timeouts[i].override_ms;
		assert_int_equal(test_plan_make(&binary, &test, &overrides, &plan, NULL), 0);
		assert_int_equal(plan.timeout_ms, timeouts[i].expected_ms);
	}
	assert_int_equal(plan.workers_per_cgroup, 1);
	assert_string_equal(test_plan_scheduler(&plan), "eevdf");
	assert_string_equal(plan.bpf_object, "");
}

static void test_plan_make_merges_checks(void **state)
{
	struct binary_scheduler scheduler = {
		.name = (char *)"simple", .bpf_object = (char *)"good.bpf.o",
		.check = { .not_stuck = KTSTR_YES, .max_gap_ms = 100 },
	};
	struct binary_test test = {
		.name = (char *)"t", .scheduler = &scheduler,
		.check = { .not_stuck = KTSTR_NO, .max_spread_pct = 5 },
	};
	char path[128], object[256];
	struct test_binary binary = binary_here(path);
	struct plan_overrides overrides = { 0 };
	struct test_plan plan;

	(void)state;
	assert_int_equal(test_plan_make(&binary, &test, &overrides, &plan, NULL), 0);
	assert_int_equal(plan.check.not_stuck, KTSTR_NO);
	assert_int_equal(plan.check.max_gap_ms, 100);
	assert_true(plan.check.max_spread_pct == 5);
	snprintf(object, sizeof(object), "%s/good.bpf.o", folder);
	assert_string_equal(plan.bpf_object, object);
	assert_string_equal(test_plan_scheduler(&plan), "simple");
}

static void test_plan_make_refuses_naming_the_way_out(void **state)
{
	static const struct {
		const char *object, *override;
		int code;
		const char *parts[2];
	} cases[] = {
		{ "missing.bpf.o", NULL, -ENOENT, { "'missing.bpf.o' is neither beside the test binary, in '/tmp/ktstr-unit-plan-",
						    "build it" } },
		{ "/missing.bpf.o", NULL, -ENOENT, { "bpf object '/missing.bpf.o': No such file", "" } },
		{ "text.bpf.o", NULL, -ENOEXEC, { "not an ELF object", "-target bpf" } },
		{ "good.bpf.o", "0n1l1c1t", -EINVAL, { "option --topology: ", "0" } },
		{ "good.bpf.o", "2n3l1c1t", -EINVAL, { "option --topology: ", "3" } },
		{ "good.bpf.o", "1n16l16c1t", -ERANGE, { "option --topology: ", "256" } },
		{ "good.bpf.o", "big", -EINVAL, { "option --topology: ", "big" } },
	};
	char path[128];
	struct test_binary binary = binary_here(path);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct binary_scheduler scheduler = {
			.name = (char *)"s", .bpf_object = (char *)cases[i].object,
		};
		struct binary_test test = { .name = (char *)"t", .scheduler = &scheduler };
		struct plan_overrides overrides = { .topology = cases[i].override };
		struct ktstr_error error = { 0 };
		struct test_plan plan;

		assert_int_equal(test_plan_make(&binary, &test, &overrides, &plan, &error), cases[i].code);
		assert_contains(error.text, "test 't': ");
		assert_contains(error.text, cases[i].parts[0]);
		assert_contains(error.text, cases[i].parts[1]);
	}
}

static void test_plan_make_refuses_a_disk_beyond_the_limit(void **state)
{
	struct binary_test test = { .name = (char *)"t", .devices.disk_mib = 65536 };
	struct test_binary binary = { .path = (char *)"/tests" };
	struct plan_overrides overrides = { 0 };
	struct ktstr_error error = { 0 };
	struct test_plan plan;

	(void)state;
	assert_int_equal(test_plan_make(&binary, &test, &overrides, &plan, NULL), 0);
	test.devices.disk_mib = UINT_MAX; /* .disk_mib = -1 */
	assert_int_equal(test_plan_make(&binary, &test, &overrides, &plan, &error), -ERANGE);
	assert_string_equal(error.text,
			    "test 't': disk of 4294967295 MiB out of range 1..=65536 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_make_resolves_topology_in_order),
		cmocka_unit_test(test_plan_make_fills_defaults),
		cmocka_unit_test(test_plan_make_merges_checks),
		cmocka_unit_test(test_plan_make_refuses_naming_the_way_out),
		cmocka_unit_test(test_plan_make_refuses_a_disk_beyond_the_limit),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
