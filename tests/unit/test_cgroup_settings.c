// SPDX-License-Identifier: GPL-2.0-only
/* Every setting: the text that is written, what is refused before, what is said of a refusal. */
#include <errno.h>

#include "base/cpulist.h"
#include "cgroup/cgroupfs.h"
#include "fake_tree.h"

static struct ktstr_cgroups *cgroups_with_cg_0(const struct fake_tree *tree)
{
	struct ktstr_cgroups *cgroups;

	tree_mkdir(tree, "ktstr");
	tree_mkdir(tree, "ktstr/cg_0");
	assert_int_equal(ktstr_cgroups_new(tree_path(tree, "ktstr"), tree->root, &cgroups, NULL),
			 0);
	return cgroups;
}

static const char *file_of(enum cgroup_knob knob)
{
	static char path[64];

	snprintf(path, sizeof(path), "ktstr/cg_0/%s", cgroup_knob_info(knob)->file);
	return path;
}

static const char *written(const struct fake_tree *tree, enum cgroup_knob knob)
{
	return tree_read(tree, file_of(knob));
}

static void knobs_have_a_file_of_their_controller(void **state)
{
	(void)state;
	for (int knob = 0; knob < CGROUP_KNOB_COUNT; knob++) {
		const struct cgroup_knob_info *info = cgroup_knob_info((enum cgroup_knob)knob);
		const char *controller = info->controller ? info->controller : "cgroup";

		assert_int_equal(strcspn(info->file, "."), strlen(controller));
		assert_memory_equal(info->file, controller, strlen(controller));
		for (int other = 0; other < knob; other++)
			assert_string_not_equal(info->file,
						cgroup_knob_info((enum cgroup_knob)other)->file);
	}
}

static void limits_refuse_and_name_cgroup_number_and_range(void **state)
{
	static const struct {
		enum cgroup_limit limit;
		uint64_t value;
		const char *says; /* NULL: accepted */
	} rows[] = {
		{ CGROUP_LIMIT_CPU_WEIGHT, 0,
		  "cgroup 'cg_0': cpu.weight 0 out of range 1..=10000" },
		{ CGROUP_LIMIT_CPU_WEIGHT, 1, NULL },
		{ CGROUP_LIMIT_CPU_WEIGHT, 10000, NULL },
		{ CGROUP_LIMIT_CPU_WEIGHT, 10001,
		  "cgroup 'cg_0': cpu.weight 10001 out of range 1..=10000" },
		{ CGROUP_LIMIT_CPU_WEIGHT, UINT64_MAX, "out of range" },
		{ CGROUP_LIMIT_IO_WEIGHT, 0, "cgroup 'cg_0': io.weight 0 out of range 1..=10000" },
		{ CGROUP_LIMIT_IO_WEIGHT, 1, NULL },
		{ CGROUP_LIMIT_IO_WEIGHT, 10000, NULL },
		{ CGROUP_LIMIT_IO_WEIGHT, 10001, "io.weight 10001 out of range 1..=10000" },
		{ CGROUP_LIMIT_CPU_PERIOD_US, 0,
		  "cgroup 'cg_0': cpu.max period must be > 0, got 0" },
		{ CGROUP_LIMIT_CPU_PERIOD_US, 1, NULL },
		{ CGROUP_LIMIT_CPU_QUOTA_US, 0,
		  "cgroup 'cg_0': cpu.max quota must be > 0, got 0; for no limit use "
		  "KTSTR_UNLIMITED (cpu_unlimited)" },
		{ CGROUP_LIMIT_CPU_QUOTA_US, KTSTR_UNLIMITED, NULL },
		{ CGROUP_LIMIT_PIDS_MAX, 0,
		  "cgroup 'cg_0': pids.max must be > 0, got 0; for no limit use KTSTR_UNLIMITED "
		  "(pids_unlimited)" },
		{ CGROUP_LIMIT_PIDS_MAX, KTSTR_UNLIMITED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(cgroup_limit_check("cg_0", rows[i].limit, rows[i].value, &error),
				 rows[i].says ? -ERANGE : 0);
		if (rows[i].says)
			assert_contains(error.text, rows[i].says);
		else
			assert_string_equal(error.text, "");
	}
}

static void settings_are_written_as_the_kernel_reads_them(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);
	cpu_set_t set;

	for (int knob = 0; knob < CGROUP_KNOB_COUNT; knob++)
		tree_write(tree, file_of((enum cgroup_knob)knob), "something longer before");
	assert_int_equal(cpulist_parse("0-3,5", &set, NULL), 0);
	assert_int_equal(ktstr_cgroup_set_cpuset(cgroups, "cg_0", &set, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_CPUSET_CPUS), "0-3,5");
	assert_int_equal(ktstr_cgroup_clear_cpuset(cgroups, "cg_0", NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_CPUSET_CPUS), "\n");
	assert_int_equal(ktstr_cgroup_set_cpuset_mems(cgroups, "cg_0", &set, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_CPUSET_MEMS), "0-3,5");
	assert_int_equal(ktstr_cgroup_set_cpu_weight(cgroups, "cg_0", 10000, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_CPU_WEIGHT), "10000");
	assert_int_equal(ktstr_cgroup_set_cpu_max(cgroups, "cg_0", 150000, 100000, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_CPU_MAX), "150000 100000");
	assert_int_equal(ktstr_cgroup_set_cpu_max(cgroups, "cg_0", KTSTR_UNLIMITED, 50000, NULL),
			 0);
	assert_string_equal(written(tree, CGROUP_KNOB_CPU_MAX), "max 50000");
	assert_int_equal(ktstr_cgroup_set_memory_max(cgroups, "cg_0", 64 << 20, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_MEMORY_MAX), "67108864");
	assert_int_equal(ktstr_cgroup_set_memory_max(cgroups, "cg_0", KTSTR_UNLIMITED, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_MEMORY_MAX), "max");
	assert_int_equal(ktstr_cgroup_set_memory_high(cgroups, "cg_0", UINT64_MAX - 1, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_MEMORY_HIGH), "18446744073709551614");
	assert_int_equal(ktstr_cgroup_set_memory_low(cgroups, "cg_0", 0, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_MEMORY_LOW), "0");
	assert_int_equal(ktstr_cgroup_set_memory_swap_max(cgroups, "cg_0", 4096, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_MEMORY_SWAP_MAX), "4096");
	assert_int_equal(ktstr_cgroup_set_io_weight(cgroups, "cg_0", 1, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_IO_WEIGHT), "1");
	assert_int_equal(ktstr_cgroup_set_pids_max(cgroups, "cg_0", 12, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_PIDS_MAX), "12");
	assert_int_equal(ktstr_cgroup_set_pids_max(cgroups, "cg_0", KTSTR_UNLIMITED, NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_PIDS_MAX), "max");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(ktstr_cgroup_freeze(cgroups, "cg_0", NULL), 0);
		assert_string_equal(written(tree, CGROUP_KNOB_FREEZE), "1");
	}
	assert_int_equal(ktstr_cgroup_unfreeze(cgroups, "cg_0", NULL), 0);
	assert_string_equal(written(tree, CGROUP_KNOB_FREEZE), "0");
	ktstr_cgroups_free(cgroups);
}

static void settings_out_of_range_never_reach_the_kernel(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);
	cpu_set_t none;

	CPU_ZERO(&none);
	for (int knob = 0; knob < CGROUP_KNOB_COUNT; knob++)
		tree_write(tree, file_of((enum cgroup_knob)knob), "untouched");
	assert_int_equal(ktstr_cgroup_set_cpuset(cgroups, "cg_0", &none, NULL), -EINVAL);
	assert_int_equal(ktstr_cgroup_set_cpuset_mems(cgroups, "cg_0", &none, NULL), -EINVAL);
	assert_int_equal(ktstr_cgroup_set_cpu_weight(cgroups, "cg_0", 10001, NULL), -ERANGE);
	assert_int_equal(ktstr_cgroup_set_cpu_max(cgroups, "cg_0", 1000, 0, NULL), -ERANGE);
	assert_int_equal(ktstr_cgroup_set_cpu_max(cgroups, "cg_0", 0, 1000, NULL), -ERANGE);
	assert_int_equal(ktstr_cgroup_set_io_weight(cgroups, "cg_0", 0, NULL), -ERANGE);
	assert_int_equal(ktstr_cgroup_set_pids_max(cgroups, "cg_0", 0, NULL), -ERANGE);
	/* And names that lead elsewhere lead nowhere. */
	assert_int_equal(ktstr_cgroup_set_memory_max(cgroups, "../ktstr/cg_0", 1, NULL), -EINVAL);
	assert_int_equal(ktstr_cgroup_set_cpu_max(cgroups, ".", 1, 1, NULL), -EINVAL);
	assert_int_equal(ktstr_cgroup_freeze(cgroups, "", NULL), -EINVAL);
	for (int knob = 0; knob < CGROUP_KNOB_COUNT; knob++)
		assert_string_equal(written(tree, (enum cgroup_knob)knob), "untouched");
	ktstr_cgroups_free(cgroups);
}

static void read_cpuset_takes_what_it_can(void **state)
{
	static const struct {
		const char *file, *cpus;
	} rows[] = {
		{ "0-3,5\n", "0-3,5" }, { "\n", "" },	 { "", "" },
		{ "1,x,3\n", "1,3" },	{ "9-7\n", "" },
	};
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);
	char list[CPULIST_TEXT_MAX];
	cpu_set_t cpus;

	assert_int_equal(ktstr_cgroup_read_cpuset(cgroups, "gone", &cpus, NULL), 0);
	assert_int_equal(CPU_COUNT(&cpus), 0);
	assert_int_equal(ktstr_cgroup_read_cpuset(cgroups, "cg_0", &cpus, NULL), 0);
	assert_int_equal(CPU_COUNT(&cpus), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		tree_write(tree, "ktstr/cg_0/cpuset.cpus", rows[i].file);
		assert_int_equal(ktstr_cgroup_read_cpuset(cgroups, "cg_0", &cpus, NULL), 0);
		assert_string_equal(cpulist_format(&cpus, list), rows[i].cpus);
	}
	assert_int_equal(ktstr_cgroup_read_cpuset(cgroups, "/cg_0", &cpus, NULL), -EINVAL);
	ktstr_cgroups_free(cgroups);
}

static void read_cpuset_tells_unreadable_from_none(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);
	struct ktstr_error error = { 0 };
	cpu_set_t cpus;

	tree_mkdir(tree, "ktstr/cg_0/cpuset.cpus");
	assert_int_equal(ktstr_cgroup_read_cpuset(cgroups, "cg_0", &cpus, &error), -EISDIR);
	assert_contains(error.text, "cgroup 'cg_0': read '");
	assert_contains(error.text, "/ktstr/cg_0/cpuset.cpus' (EISDIR)");
	ktstr_cgroups_free(cgroups);
}

/* Which controllers there are at each level, and what is said when pids.max is refused. */
static const struct {
	const char *name, *offered, *passed_on, *own;
	bool has_file;
	int answer;
	const char *says[3];
} refusals[] = {
	{ "not passed on",
	  "cpu pids",
	  "cpu",
	  "cpu",
	  false,
	  -ENOENT,
	  { "it needs the pids controller, which the parent has and does not pass on",
	    "pids.max does not exist", "passes on 'cpu'" } },
	{ "not there",
	  "cpu",
	  "cpu",
	  "cpu",
	  false,
	  -ENOENT,
	  { "which the parent does not have either", "nested cgroups are only passed cpuset" } },
	{ "not built in",
	  "pids",
	  "pids",
	  "pids",
	  false,
	  -ENOENT,
	  { "it needs the pids controller, the kernel has it with CONFIG_CGROUP_PIDS" } },
	{ "not accepted",
	  "pids",
	  "pids",
	  "pids",
	  true,
	  -EINVAL,
	  { "the kernel takes 1 to 4194304 or max", "pids.max exists", "(EINVAL)" } },
};
static int answer;

static int refuse(int dirfd, const char *file, const char *text, unsigned limit_ms)
{
	(void)dirfd, (void)file, (void)text, (void)limit_ms;
	return answer;
}

static void a_refusal_names_the_missing_controller(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);

	tree_mkdir(tree, "ktstr/cg_0/sub");
	cgroupfs_of(cgroups)->write_text = refuse;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct ktstr_error error = { 0 };

		/* The parent of a nested cgroup is the one above it, not the manager's. */
		tree_write(tree, "ktstr/cg_0/cgroup.controllers", refusals[i].offered);
		tree_write(tree, "ktstr/cg_0/cgroup.subtree_control", refusals[i].passed_on);
		tree_write(tree, "ktstr/cg_0/sub/cgroup.controllers", refusals[i].own);
		if (refusals[i].has_file)
			tree_write(tree, "ktstr/cg_0/sub/pids.max", "");
		answer = refusals[i].answer;
		assert_int_equal(ktstr_cgroup_set_pids_max(cgroups, "cg_0/sub", 7, &error), answer);
		assert_contains(error.text, "cgroup 'cg_0/sub': pids.max '7': write '");
		assert_contains(error.text, "/ktstr/cg_0/sub/pids.max' (");
		assert_contains(error.text, "/ktstr/cg_0' has controllers '");
		for (size_t j = 0; j < COUNT(refusals[i].says) && refusals[i].says[j]; j++)
			assert_contains(error.text, refusals[i].says[j]);
	}
	ktstr_cgroups_free(cgroups);
}

static void a_refusal_that_no_controller_explains_shows_none(void **state)
{
	static const struct {
		int answer;
		const char *says;
	} rows[] = {
		{ -EACCES, "(EACCES); run as root or in a delegated subtree" },
		{ -EPERM, "(EPERM); run as root or in a delegated subtree" },
		{ -EROFS, "(EROFS); the cgroup file system is mounted read-only" },
		{ -ETIMEDOUT, "blocked in the kernel after 2000ms; something holds" },
		{ -EAGAIN, "(EAGAIN); there is no room for a thread" },
	};
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);

	cgroupfs_of(cgroups)->write_text = refuse;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		answer = rows[i].answer;
		assert_int_equal(ktstr_cgroup_set_cpu_weight(cgroups, "cg_0", 7, &error), answer);
		assert_contains(error.text, "cgroup 'cg_0': cpu.weight '7': write '");
		assert_contains(error.text, rows[i].says);
		assert_null(strstr(error.text, "controller"));
		assert_int_equal(ktstr_cgroup_set_cpu_weight(cgroups, "cg_0", 7, NULL), answer);
	}
	ktstr_cgroups_free(cgroups);
}

static void a_kernel_that_cannot_freeze_is_named(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_with_cg_0(tree);
	struct ktstr_error error = { 0 };

	assert_int_equal(ktstr_cgroup_freeze(cgroups, "cg_0", &error), -ENOENT);
	assert_contains(error.text, "cgroup.freeze '1'");
	assert_contains(error.text, "the kernel has it with Linux 5.2");
	ktstr_cgroups_free(cgroups);
}

#define on_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_setup, fake_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knobs_have_a_file_of_their_controller),
		cmocka_unit_test(limits_refuse_and_name_cgroup_number_and_range),
		on_tree(settings_are_written_as_the_kernel_reads_them),
		on_tree(settings_out_of_range_never_reach_the_kernel),
		on_tree(read_cpuset_takes_what_it_can),
		on_tree(read_cpuset_tells_unreadable_from_none),
		on_tree(a_refusal_names_the_missing_controller),
		on_tree(a_refusal_that_no_controller_explains_shows_none),
		on_tree(a_kernel_that_cannot_freeze_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
