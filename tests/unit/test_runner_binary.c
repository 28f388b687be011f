// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/binary.h"

#include "unit.h"

#define TOPOLOGY "{\"numa_nodes\": 0, \"llcs\": 2, \"cores\": 1, \"threads\": 0}"
#define TEST(more)                                                                                 \
	"{\"name\": \"swap\", \"file\": \"a.c\", \"line\": 12, \"topology\": " TOPOLOGY ", "       \
	"\"check\": {\"max_gap_ms\": 500}, \"duration_ms\": 2000, \"timeout_ms\": 0, "             \
	"\"workers_per_cgroup\": 3, \"memory_mib\": 0, \"disk_mib\": 64, \"network\": true, "      \
	"\"expect_err\": true" more "}"
#define DESCRIPTION(protocol, tests)                                                               \
	"{\"ktstr\": {\"protocol\": " protocol                                                     \
	", \"version\": \"0.1.0\"}, \"works\": [\"SpinWait\", \"Bursty\"], \"tests\": [" tests     \
	"]}"

static void test_binary_parse_reads_every_field(void **state)
{
	static const char text[] = DESCRIPTION(
		"3",
		TEST(
			", \"scheduler\": {\"name\": \"simple\", \"bpf_object\": \"simple.bpf.o\", "
			"\"struct_ops\": null, \"topology\": " TOPOLOGY
			", \"check\": {\"max_gap_ms\": 9}}, "
			"\"payloads\": [{\"name\": \"fio\", \"exe\": \"./fio\", \"include_files\": "
			"[\"a\", \"b\"]}, {\"name\": \"x\", \"exe\": \"x\", \"include_files\": "
			"[]}]") ", " TEST(", \"scheduler\": null"));
	struct test_binary binary = { 0 };
	struct ktstr_error error = { 0 };
	const struct binary_test *test;

	(void)state;
	if (test_binary_parse("/tests", text, &binary, &error))
		fail_msg("%s", error.text);
	assert_string_equal(binary.path, "/tests");
	assert_int_equal(binary.tests_count, 2);
	test = &binary.tests[0];
	assert_string_equal(test->name, "swap");
	assert_string_equal(test->file, "a.c");
	assert_int_equal(test->line, 12);
	assert_int_equal(test->topology.llcs, 2);
	assert_int_equal(test->topology.threads, 0);
	assert_int_equal(test->check.max_gap_ms, 500);
	assert_int_equal(test->duration_ms, 2000);
	assert_int_equal(test->workers_per_cgroup, 3);
	assert_int_equal(test->devices.disk_mib, 64);
	assert_true(test->devices.network);
	assert_true(test->expect_err);
	assert_string_equal(test->scheduler->bpf_object, "simple.bpf.o");
	assert_null(test->scheduler->struct_ops);
	assert_int_equal(test->scheduler->check.max_gap_ms, 9);
	assert_int_equal(test->payloads_count, 2);
	assert_string_equal(test->payloads[0].name, "fio");
	assert_string_equal(test->payloads[0].exe, "./fio");
	assert_int_equal(test->payloads[0].include_files_count, 2);
	assert_string_equal(test->payloads[0].include_files[1], "b");
	assert_int_equal(test->payloads[1].include_files_count, 0);
	assert_null(binary.tests[1].scheduler);
	assert_int_equal(binary.tests[1].payloads_count, 0);
	test_binary_release(&binary);
}

static void test_binary_parse_refuses_what_is_no_description(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "", "does not describe itself" },
		{ "hello\n", "does not describe itself" },
		{ "[]", "description" },
		{ "{}", "ktstr" },
		{ DESCRIPTION("1", ""), "speaks protocol 1, this tool 3" },
		{ DESCRIPTION("3", "5"), "tests[0]" },
		{ DESCRIPTION("3", TEST("") ", {}"), "tests[1]" },
		{ DESCRIPTION("3", TEST(", \"scheduler\": 5")), "scheduler" },
		{ DESCRIPTION("3", TEST(", \"scheduler\": {\"name\": \"x\"}")), "bpf_object" },
		{ DESCRIPTION("3", TEST(", \"payloads\": 5")), "payloads" },
		{ DESCRIPTION("3", TEST(", \"payloads\": [{\"name\": \"x\"}]")), "exe" },
		{ DESCRIPTION("3", TEST(", \"payloads\": [{\"name\": \"x\", \"exe\": \"x\", "
					"\"include_files\": [\"a\", 1]}]")),
		  "include_files" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct test_binary binary = { 0 };
		struct ktstr_error error = { 0 };

		assert_int_equal(test_binary_parse("./tests", cases[i].text, &binary, &error),
				 -EPROTO);
		assert_contains(error.text, "test binary './tests': ");
		assert_contains(error.text, cases[i].part);
		assert_null(binary.path);
	}
}

static void test_binary_check_work_names_the_nearest(void **state)
{
	struct test_binary binary = { 0 };
	struct ktstr_error error = { 0 };

	(void)state;
	if (test_binary_parse("/tests", DESCRIPTION("3", ""), &binary, &error))
		fail_msg("%s", error.text);
	assert_int_equal(test_binary_check_work(&binary, "Bursty", &error), 0);
	assert_int_equal(test_binary_check_work(&binary, "bursty", &error), -EINVAL);
	assert_string_equal(error.text,
			    "option --work: no kind of work 'bursty', nearest is 'Bursty'");
	assert_int_equal(test_binary_check_work(&binary, "", &error), -EINVAL);
	assert_contains(error.text, "no kind of work ''");
	test_binary_release(&binary);
}

static void test_binary_open_refuses_what_is_no_test_binary(void **state)
{
	static const struct {
		const char *path;
		const char *part;
	} cases[] = {
		{ "/nonexistent/tests", "No such file" },
		{ "/tmp", "is a folder" },
		{ "/dev/null", "not a regular file" },
		{ "/etc/passwd", "not an ELF program" },
		{ "/bin/true", "does not describe itself" },
		{ "/bin/false", "exited with status 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct test_binary binary = { 0 };
		struct ktstr_error error = { 0 };

		assert_true(test_binary_open(cases[i].path, -1, &binary, &error) < 0);
		assert_contains(error.text, cases[i].path);
		assert_contains(error.text, cases[i].part);
		assert_null(strchr(error.text, '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binary_parse_reads_every_field),
		cmocka_unit_test(test_binary_parse_refuses_what_is_no_description),
		cmocka_unit_test(test_binary_check_work_names_the_nearest),
		cmocka_unit_test(test_binary_open_refuses_what_is_no_test_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
