// SPDX-License-Identifier: GPL-2.0-only
/* CgroupChurn and CgroupAttachStorm where there is no cgroup to move to; see tests/vm for the rest.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "workload/work/attach_storm.h"

#include "test_work.h"

static void cgroup_churn_refuses_too_many_groups(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(cgroup_churn, .groups = 1025),
			    "groups 1025 is out of range 0..=1024");
}

/* What cannot be done is said, and the rest goes on. */
static void cgroup_churn_goes_on_without_cgroups(void **state)
{
	struct ktstr_reports *reports = run_work(
		KTSTR_WORK(cgroup_churn, .cycle_ms = 1, .parent = "/nonexistent"), 1, 5);
	const struct ktstr_worker_report *report = reports->reports;

	(void)state;
	assert_int_equal(report->work_units, 256 * report->iterations);
	assert_int_equal(filled_vectors(report), NO_SAMPLES);
	assert_contains(report->work_error, "parent '/nonexistent': No such file");
	ktstr_reports_free(reports);
}

static void make_folder(char *path, size_t size, const char *parent, const char *name)
{
	snprintf(path, size, "%s/%s", parent, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

/* Files in place of cgroupfs: who is moved where, and in which order. */
static void cgroup_churn_writes_its_pid_to_one_group_after_the_other(void **state)
{
	char parent[] = "/tmp/ktstr-unit-XXXXXX", path[2][128], procs[2][160], expected[160];
	struct solo *solo;
	size_t length;

	(void)state;
	assert_non_null(mkdtemp(parent));
	for (int i = 0; i < 2; i++) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "wt-cgroup-churn-%d", i);
		make_folder(path[i], sizeof(path[i]), parent, name);
		snprintf(procs[i], sizeof(procs[i]), "%s/cgroup.procs", path[i]);
		fd = creat(procs[i], 0644);
		assert_true(fd >= 0);
		close(fd);
	}
	solo = solo_new(KTSTR_WORK(cgroup_churn, .cycle_ms = 1, .parent = parent));
	for (int pass = 0; pass < 3; pass++)
		assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.work_units, 3 * 256);
	assert_true(solo->worker.checkpoint.last_ns > 0);
	solo_free(solo);
	length = (size_t)snprintf(expected, sizeof(expected), "%d\n", getpid());
	for (int i = 0; i < 2; i++) {
		struct stat status;

		assert_int_equal(stat(procs[i], &status), 0);
		assert_int_equal(status.st_size, i == 0 ? 2 * length : length);
		unlink(procs[i]);
		rmdir(path[i]);
	}
	assert_int_equal(rmdir(parent), 0);
}

static void attach_dest_is_valid_keeps_to_siblings(void **state)
{
	static const struct {
		const char *dest;
		bool valid;
	} rows[] = {
		{ "cg_1", true }, { "a/b", true }, { "..a", true },   { "a...", true },
		{ "", false },	  { "/a", false }, { "a/", false },   { "a//b", false },
		{ ".", false },	  { "..", false }, { "../x", false }, { "a/../b", false },
		{ "a/.", false },
	};
	char longest[258];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("row: '%s'\n", rows[i].dest);
		assert_int_equal(attach_dest_is_valid(rows[i].dest), rows[i].valid);
	}
	memset(longest, 'a', 256);
	longest[256] = '\0';
	assert_false(attach_dest_is_valid(longest));
	longest[255] = '\0';
	assert_true(attach_dest_is_valid(longest));
}

static void attach_storm_needs_a_destination(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(cgroup_attach_storm),
			    "CgroupAttachStorm (group 0): dest is missing");
	assert_work_refused(KTSTR_WORK(cgroup_attach_storm, .dest = "../up"), "dest '../up'");
}

/* Claim 69. */
static void attach_storm_without_its_cgroup_does_nothing(void **state)
{
	struct ktstr_reports *reports = run_work(
		KTSTR_WORK(cgroup_attach_storm, .dest = "no-such-cgroup"), 1, 20);
	const struct ktstr_worker_report *report = reports->reports;

	(void)state;
	assert_int_equal(report->work_units, 0);
	assert_true(report->iterations >= 20);
	assert_int_equal(filled_vectors(report), NO_SAMPLES);
	assert_true(strlen(report->work_error) > 0);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cgroup_churn_refuses_too_many_groups),
		cmocka_unit_test(cgroup_churn_goes_on_without_cgroups),
		cmocka_unit_test(cgroup_churn_writes_its_pid_to_one_group_after_the_other),
		cmocka_unit_test(attach_dest_is_valid_keeps_to_siblings),
		cmocka_unit_test(attach_storm_needs_a_destination),
		cmocka_unit_test(attach_storm_without_its_cgroup_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
