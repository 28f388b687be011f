// SPDX-License-Identifier: GPL-2.0-only
/* Where tests without a VM live, on a tree of plain files; real cgroups are in tests/vm/host.c. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tree.h"
#include "runner/host_cgroup.h"
#include "runner/host_session.h"

#include "unit.h"

static char root[] = "/tmp/ktstr-unit-host-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_root(void **state)
{
	(void)state;
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	if (!mkdtemp(root))
		return -1;
	write_file("cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n");
	write_file("cgroup.subtree_control", "");
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	unsetenv(HOST_WALK_ROOT_ENV);
	return tree_remove(AT_FDCWD, root, NULL);
}

static bool exists(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return access(path, F_OK) == 0;
}

static void make_folder(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void prepare_passes_controllers_on(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };
	char path[128], *text;

	(void)state;
	if (host_cgroups_prepare(root, &cgroups, &error))
		fail_msg("%s", error.text);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", root);
	assert_int_equal(file_read(AT_FDCWD, path, 4096, &text, NULL, &error), 0);
	assert_string_equal(text, "+cpuset +cpu +memory +pids +io");
	free(text);
	assert_string_equal(cgroups.walk_root, root);
	assert_true(exists("ktstr"));
	host_cgroups_close(&cgroups);
	assert_false(exists("ktstr"));
}

static void prepare_does_without_io(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };

	(void)state;
	write_file("cgroup.controllers", "cpuset cpu memory pids\n");
	assert_int_equal(host_cgroups_prepare(root, &cgroups, &error), 0);
	host_cgroups_close(&cgroups);
}

static void prepare_names_missing_controllers(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };

	(void)state;
	write_file("cgroup.controllers", "cpu pids\n");
	assert_int_equal(host_cgroups_prepare(root, &cgroups, &error), -ENOTSUP);
	assert_contains(error.text, root);
	assert_contains(error.text, "lacks the controllers cpuset memory (it has 'cpu pids'); ");
	assert_contains(error.text, "leave out --host");
	assert_false(exists("ktstr"));
}

static void prepare_removes_what_a_killed_runner_left(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };
	char path[128];
	int alive;

	(void)state;
	make_folder("ktstr");
	make_folder("ktstr/run-dead00");
	make_folder("ktstr/run-dead00/runner");
	make_folder("ktstr/run-dead00/scenario");
	make_folder("ktstr/run-dead00/scenario/cg_0");
	make_folder("ktstr/run-alive0");
	make_folder("ktstr/others");
	snprintf(path, sizeof(path), "%s/ktstr/run-alive0", root);
	alive = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(alive, LOCK_EX | LOCK_NB), 0);
	if (host_cgroups_prepare(root, &cgroups, &error))
		fail_msg("%s", error.text);
	assert_false(exists("ktstr/run-dead00"));
	assert_true(exists("ktstr/run-alive0"));
	assert_true(exists("ktstr/others"));
	host_cgroups_close(&cgroups);
	assert_true(exists("ktstr/run-alive0"));
	close(alive);
	assert_int_equal(host_cgroups_prepare(root, &cgroups, &error), 0);
	assert_false(exists("ktstr/run-alive0"));
	host_cgroups_close(&cgroups);
}

/* Plain folders have no cgroup.procs: what was made until then is gone again. */
static void make_leaves_nothing_when_it_fails(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };
	struct host_cgroup cgroup;

	(void)state;
	assert_int_equal(host_cgroups_prepare(root, &cgroups, &error), 0);
	assert_int_equal(host_cgroup_make(&cgroups, &cgroup, &error), -ENOENT);
	assert_contains(error.text, "/ktstr/run-");
	assert_contains(error.text, "/runner/cgroup.procs");
	host_cgroups_close(&cgroups);
	assert_false(exists("ktstr")); /* which it would be, were anything in it */
}

static void open_refuses_what_is_no_cgroup_v2(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };

	(void)state;
	setenv(HOST_WALK_ROOT_ENV, root, 1);
	assert_int_equal(host_cgroups_open(&cgroups, &error), -ENOTSUP);
	assert_contains(error.text, "option --host: no cgroup v2 file system at '/tmp/ktstr-unit-host-");
	assert_contains(error.text, "systemd.unified_cgroup_hierarchy=1, or leave out --host");
	setenv(HOST_WALK_ROOT_ENV, "cgroup", 1);
	assert_int_equal(host_cgroups_open(&cgroups, &error), -EINVAL);
	assert_contains(error.text, "'cgroup' is no absolute path");
	setenv(HOST_WALK_ROOT_ENV, "/sys/fs/cgroup/..", 1);
	assert_int_equal(host_cgroups_open(&cgroups, &error), -EINVAL);
	setenv(HOST_WALK_ROOT_ENV, "/nonexistent", 1);
	assert_int_equal(host_cgroups_open(&cgroups, &error), -ENOENT);
	assert_false(exists("ktstr"));
}

/* As on the machines that this is developed on. */
static void open_refuses_this_machine_when_it_has_cgroup_v1(void **state)
{
	struct host_cgroups cgroups = { .fd = -1 };
	struct ktstr_error error = { 0 };
	struct statfs status;

	(void)state;
	if (statfs("/sys/fs/cgroup", &status) || status.f_type == CGROUP2_SUPER_MAGIC)
		skip_because("needs a machine with cgroup v1 in /sys/fs/cgroup");
	setenv(HOST_WALK_ROOT_ENV, "", 1);
	assert_int_equal(host_cgroups_open(&cgroups, &error), -ENOTSUP);
	assert_contains(error.text, "no cgroup v2 file system at '/sys/fs/cgroup'");
	assert_int_equal(cgroups.fd, -1);
}

static void own_cgroup_is_in_the_line_of_v2(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = {
		{ "0::/\n", "/" },
		{ "0::/user.slice/user-1000.slice/session-2.scope\n", "/user.slice/user-1000.slice/session-2.scope" },
		{ "12:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c\n", "/c" },
		{ "10::/a\n0::/b", "/b" },
		{ "12:cpu,cpuacct:/a\n", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[256];
		const char *own;

		snprintf(text, sizeof(text), "%s", rows[i].text);
		own = host_cgroup_own(text);
		if (rows[i].path)
			assert_string_equal(own, rows[i].path);
		else
			assert_null(own);
	}
}

static void skip_reason_names_what_the_machine_lacks(void **state)
{
	struct binary_scheduler scheduler = { .name = (char *)"scx" };
	const struct {
		const char *asked;
		struct binary_test test;
		const char *part; /* NULL: it fits */
	} rows[] = {
		{ "1n1l1c1t", { 0 }, NULL },
		{ "1n2l2c2t", { 0 }, NULL },
		{ "1n1l4c1t", { 0 }, NULL },
		{ "2n2l1c1t", { 0 }, "topology 2n2l1c1t" },
		{ "1n4l1c1t", { 0 }, "is larger than this machine: 1 NUMA nodes, 2 LLCs, 4 cores, 8 CPUs" },
		{ "1n2l3c1t", { 0 }, "topology 1n2l3c1t" },
		{ "1n1l1c4t", { 0 }, "topology 1n1l1c4t" },
		{ "1n1l1c1t", { .scheduler = &scheduler }, "scheduler 'scx' is attached in VMs only" },
		{ "1n1l1c1t", { .devices = { .disk_mib = 1 } }, "asks for a disk" },
		{ "1n1l1c1t", { .devices = { .network = true } }, "asks for a network interface" },
	};
	const struct ktstr_topology topology = { 1, 2, 2, 2 };
	struct ktstr_machine *machine;

	(void)state;
	assert_int_equal(ktstr_machine_from_topology(&topology, &machine, NULL), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct test_plan plan = { .test = &rows[i].test };
		char text[HOST_REASON_MAX];
		const char *reason;

		assert_int_equal(ktstr_topology_parse(rows[i].asked, &plan.topology, NULL), 0);
		reason = host_skip_reason(&plan, machine, text);
		if (!rows[i].part && reason)
			fail_msg("%s: %s", rows[i].asked, reason);
		if (!rows[i].part)
			continue;
		assert_non_null(reason);
		assert_contains(reason, rows[i].part);
	}
	ktstr_machine_free(machine);
}

#define in_a_tree(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_tree(prepare_passes_controllers_on),
		in_a_tree(prepare_does_without_io),
		in_a_tree(prepare_names_missing_controllers),
		in_a_tree(prepare_removes_what_a_killed_runner_left),
		in_a_tree(make_leaves_nothing_when_it_fails),
		in_a_tree(open_refuses_what_is_no_cgroup_v2),
		in_a_tree(open_refuses_this_machine_when_it_has_cgroup_v1),
		cmocka_unit_test(own_cgroup_is_in_the_line_of_v2),
		cmocka_unit_test(skip_reason_names_what_the_machine_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
