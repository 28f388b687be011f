// SPDX-License-Identifier: GPL-2.0-only
/* Moving processes, and taking cgroups away, with a kernel whose answers are scripted. */
#include <errno.h>

#include "base/clock.h"
#include "cgroup/cgroup_group.h"
#include "cgroup/cgroupfs.h"
#include "fake_tree.h"

/* What the fake kernel answers to writes, and what it was asked. */
static struct {
	const int *answers; /* one after another, then 0 */
	size_t answers_count, writes;
	char log[1024]; /* "file=text file=text" */
	const struct fake_tree *tree;
	const char *vanish; /* file of the tree that goes with the first drained process */
} kernel;

static int scripted_write(int dirfd, const char *file, const char *text, unsigned limit_ms)
{
	size_t used = strlen(kernel.log);
	int answer = kernel.writes < kernel.answers_count ? kernel.answers[kernel.writes] : 0;

	(void)limit_ms;
	if (faccessat(dirfd, file, F_OK, 0))
		return -ENOENT;
	snprintf(kernel.log + used, sizeof(kernel.log) - used, "%s%s=%s", used ? " " : "", file,
		 text);
	kernel.writes++;
	if (kernel.vanish && !strcmp(file, "cgroup.procs")) {
		unlink(tree_path(kernel.tree, kernel.vanish));
		kernel.vanish = NULL;
	}
	return answer;
}

static struct ktstr_cgroups *scripted(const struct fake_tree *tree, const int *answers,
				      size_t count)
{
	struct ktstr_cgroups *cgroups;

	memset(&kernel, 0, sizeof(kernel));
	kernel.answers = answers;
	kernel.answers_count = count;
	kernel.tree = tree;
	assert_int_equal(ktstr_cgroups_new(tree_path(tree, "ktstr"), tree->root, &cgroups, NULL),
			 0);
	cgroupfs_of(cgroups)->write_text = scripted_write;
	cgroupfs_of(cgroups)->busy_pause_ms = 5;
	cgroupfs_of(cgroups)->empty_limit_ms = 30;
	return cgroups;
}

static void make_cg_0(const struct fake_tree *tree)
{
	tree_mkdir(tree, "ktstr");
	tree_mkdir(tree, "ktstr/cg_0");
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "");
}

static const pid_t pids[] = { 11, 12, 13 };

static const struct {
	const char *name;
	int answers[4];
	size_t writes;
	int err;
	const char *names[3]; /* must stand in the message */
} moves[] = {
	{ "all move", { 0, 0, 0 }, 3, 0, { 0 } },
	{ "one is gone", { 0, -ESRCH, 0 }, 3, 0, { 0 } },
	{ "all are gone",
	  { -ESRCH, -ESRCH, -ESRCH },
	  3,
	  -ESRCH,
	  { "'cg_0'", "3 processes", "11 12 13" } },
	{ "busy, then not", { -EBUSY, -EBUSY, 0, 0 }, 5, 0, { 0 } },
	{ "busy", { 0, -EBUSY, -EBUSY, -EBUSY }, 4, -EBUSY, { "pid 12", "3 attempts", "EBUSY" } },
	{ "not allowed",
	  { -EPERM },
	  1,
	  -EPERM,
	  { "pid 11", "/ktstr/cg_0/cgroup.procs'", "EPERM" } },
	{ "below processes", { -EOPNOTSUPP }, 1, -EOPNOTSUPP, { "pid 11", "domain invalid" } },
	{ "gone, then not allowed", { -ESRCH, -EPERM }, 2, -EPERM, { "pid 12" } },
};

static void move_tasks_retries_and_passes_over(void **state)
{
	struct fake_tree *tree = *state;

	make_cg_0(tree);
	for (size_t i = 0; i < COUNT(moves); i++) {
		struct ktstr_cgroups *cgroups = scripted(tree, moves[i].answers,
							 COUNT(moves[i].answers));
		struct ktstr_error error = { 0 };
		uint64_t before_ns = clock_now_ns();
		int err = ktstr_cgroup_move_tasks(cgroups, "cg_0", pids, COUNT(pids), &error);

		if (err != moves[i].err || kernel.writes != moves[i].writes)
			fail_msg("%s: %d after %zu writes (%s)", moves[i].name, err, kernel.writes,
				 error.text);
		if (moves[i].err == -EBUSY) /* two pauses between three attempts */
			assert_true(clock_now_ns() - before_ns >= 10 * NS_PER_MS);
		if (!moves[i].err)
			assert_string_equal(error.text, "");
		for (size_t j = 0; j < COUNT(moves[i].names) && moves[i].names[j]; j++)
			assert_contains(error.text, moves[i].names[j]);
		ktstr_cgroups_free(cgroups);
	}
}

static void move_tasks_of_nobody_needs_no_cgroup(void **state)
{
	struct ktstr_cgroups *cgroups = scripted(*state, NULL, 0);

	assert_int_equal(ktstr_cgroup_move_tasks(cgroups, "gone", NULL, 0, NULL), 0);
	assert_int_equal(ktstr_cgroup_move_tasks(cgroups, "gone", pids, 1, NULL), -ENOENT);
	ktstr_cgroups_free(cgroups);
}

static void move_tasks_wants_memory_nodes_with_a_cpuset(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);
	struct ktstr_error error = { 0 };

	make_cg_0(tree);
	tree_write(tree, "ktstr/cg_0/cpuset.cpus", "0-1\n");
	/* Unreadable: nothing to object to. */
	assert_int_equal(ktstr_cgroup_move_tasks(cgroups, "cg_0", pids, 1, NULL), 0);
	tree_write(tree, "ktstr/cg_0/cpuset.mems.effective", "\n");
	assert_int_equal(ktstr_cgroup_move_tasks(cgroups, "cg_0", pids, 1, &error), -ENOSPC);
	assert_contains(error.text, "'cg_0'");
	assert_contains(error.text, "'0-1'");
	assert_contains(error.text, "cpuset.mems");
	tree_write(tree, "ktstr/cg_0/cpuset.mems.effective", "0\n");
	assert_int_equal(ktstr_cgroup_move_tasks(cgroups, "cg_0", pids, 1, NULL), 0);
	tree_write(tree, "ktstr/cg_0/cpuset.cpus", "\n");
	tree_write(tree, "ktstr/cg_0/cpuset.mems.effective", "\n");
	assert_int_equal(ktstr_cgroup_move_tasks(cgroups, "cg_0", pids, 1, NULL), 0);
	assert_int_equal(kernel.writes, 3);
	ktstr_cgroups_free(cgroups);
}

static void place_task_is_one_write(void **state)
{
	struct fake_tree *tree = *state;
	static const int answers[] = { 0, -EBUSY, -ESRCH };
	struct ktstr_cgroups *cgroups = scripted(tree, answers, COUNT(answers));
	struct ktstr_error error = { 0 };

	make_cg_0(tree);
	/* The look at the memory nodes that move_tasks() takes would refuse this one. */
	tree_write(tree, "ktstr/cg_0/cpuset.cpus", "0-1\n");
	tree_write(tree, "ktstr/cg_0/cpuset.mems.effective", "\n");
	assert_int_equal(ktstr_cgroup_place_task(cgroups, "cg_0", 11, NULL), 0);
	assert_string_equal(kernel.log, "cgroup.procs=11\n");
	assert_int_equal(ktstr_cgroup_place_task(cgroups, "cg_0", 12, &error), -EBUSY);
	assert_contains(error.text, "cgroup 'cg_0': place pid 12: ");
	assert_contains(error.text, "/ktstr/cg_0/cgroup.procs' (EBUSY)");
	assert_int_equal(ktstr_cgroup_place_task(cgroups, "cg_0", 13, NULL), -ESRCH);
	assert_int_equal(kernel.writes, 3);
	assert_int_equal(ktstr_cgroup_place_task(cgroups, "a//b", 13, NULL), -EINVAL);
	assert_int_equal(ktstr_cgroup_place_task(cgroups, "gone", 13, NULL), -ENOENT);
	ktstr_cgroups_free(cgroups);
}

static void read_procs_gives_the_pids_that_can_be_named(void **state)
{
	static const struct {
		const char *file;
		size_t count;
		pid_t pids[3];
	} rows[] = {
		{ "", 0, { 0 } },
		{ "11\n12\n13\n", 3, { 11, 12, 13 } },
		{ "11\n\n12", 2, { 11, 12 } },
		/* Outside our pid namespace, no number, no pid. */
		{ "0\n7\nx\n8 9\n4294967297\n-3\n", 1, { 7 } },
	};
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);

	make_cg_0(tree);
	for (size_t i = 0; i < COUNT(rows); i++) {
		pid_t *read = NULL;
		size_t count = 99;

		tree_write(tree, "ktstr/cg_0/cgroup.procs", rows[i].file);
		assert_int_equal(ktstr_cgroup_read_procs(cgroups, "cg_0", &read, &count, NULL), 0);
		assert_int_equal(count, rows[i].count);
		assert_memory_equal(read, rows[i].pids, count * sizeof(*read));
		free(read);
	}
	ktstr_cgroups_free(cgroups);
}

static void read_procs_of_what_is_not_there_says_so(void **state)
{
	struct ktstr_cgroups *cgroups = scripted(*state, NULL, 0);
	struct ktstr_error error = { 0 };
	pid_t *read = NULL;
	size_t count;

	assert_int_equal(ktstr_cgroup_read_procs(cgroups, "cg_0", &read, &count, &error), -ENOENT);
	assert_contains(error.text, "/ktstr/cg_0/cgroup.procs'");
	assert_contains(error.text, "cgroup 'cg_0' does not exist");
	assert_contains(error.text, "setup");
	assert_null(read);
	ktstr_cgroups_free(cgroups);
}

static void drain_tasks_tries_all_and_tells_the_first_failure(void **state)
{
	struct fake_tree *tree = *state;
	static const int answers[] = { -ESRCH, -EPERM, -EIO, 0 };
	struct ktstr_cgroups *cgroups = scripted(tree, answers, COUNT(answers));
	struct ktstr_error error = { 0 };

	assert_int_equal(ktstr_cgroup_drain_tasks(cgroups, "cg_0", NULL), 0);
	make_cg_0(tree);
	tree_write(tree, "cgroup.procs", "");
	assert_int_equal(ktstr_cgroup_drain_tasks(cgroups, "cg_0", NULL), 0);
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "11\n12\n13\n14\n");
	assert_int_equal(ktstr_cgroup_drain_tasks(cgroups, "cg_0", &error), -EPERM);
	assert_contains(error.text, "drain cgroup 'cg_0': move pid 12 to '");
	assert_int_equal(kernel.writes, 4);
	ktstr_cgroups_free(cgroups);
}

static void clear_subtree_control_takes_back_what_is_passed_on(void **state)
{
	struct fake_tree *tree = *state;
	static const int answers[] = { 0, -EBUSY };
	struct ktstr_cgroups *cgroups = scripted(tree, answers, COUNT(answers));
	struct ktstr_error error = { 0 };

	assert_int_equal(ktstr_cgroup_clear_subtree_control(cgroups, "cg_0", NULL), 0);
	make_cg_0(tree);
	assert_int_equal(ktstr_cgroup_clear_subtree_control(cgroups, "cg_0", NULL), 0);
	tree_write(tree, "ktstr/cg_0/cgroup.subtree_control", "\n");
	assert_int_equal(ktstr_cgroup_clear_subtree_control(cgroups, "cg_0", NULL), 0);
	assert_int_equal(kernel.writes, 0);
	tree_write(tree, "ktstr/cg_0/cgroup.subtree_control", "cpuset cpu pids\n");
	assert_int_equal(ktstr_cgroup_clear_subtree_control(cgroups, "cg_0", NULL), 0);
	assert_string_equal(kernel.log, "cgroup.subtree_control=-cpuset -cpu -pids");
	assert_int_equal(ktstr_cgroup_clear_subtree_control(cgroups, "cg_0", &error), -EBUSY);
	assert_contains(error.text, "cgroup 'cg_0': ");
	assert_contains(error.text, "'-cpuset -cpu -pids'");
	ktstr_cgroups_free(cgroups);
}

static void remove_of_what_is_not_there_is_fine(void **state)
{
	struct ktstr_cgroups *cgroups = scripted(*state, NULL, 0);

	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", NULL), 0);
	assert_int_equal(ktstr_cgroup_remove(cgroups, "a/b", NULL), 0);
	ktstr_cgroups_cleanup(cgroups);
	ktstr_cgroups_free(cgroups);
}

static void remove_thaws_and_drains_to_the_walk_root(void **state)
{
	struct fake_tree *tree = *state;
	/* The thaw fails, the second process is gone: neither is in the way. */
	static const int answers[] = { -EIO, 0, -ESRCH };
	struct ktstr_cgroups *cgroups = scripted(tree, answers, COUNT(answers));
	struct ktstr_error error = { 0 };

	make_cg_0(tree);
	tree_write(tree, "cgroup.procs", "");
	tree_write(tree, "ktstr/cg_0/cgroup.freeze", "1");
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "11\n0\n12\n");
	/* Plain files keep the directory in place: the write was still made in this order. */
	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", &error), -ENOTEMPTY);
	assert_string_equal(kernel.log, "cgroup.freeze=0 cgroup.procs=11 cgroup.procs=12");
	assert_contains(error.text, "remove cgroup 'cg_0'");
	assert_contains(error.text, "rmdir (ENOTEMPTY)");
	ktstr_cgroups_free(cgroups);
}

/* A walk root "/" is the empty string inside. */
static void remove_drains_to_a_walk_root_that_is_the_root(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);
	struct ktstr_error error = { 0 };

	make_cg_0(tree);
	tree_write(tree, "ktstr/cg_0/cgroup.events", "populated 1\n");
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "11\n");
	ktstr_cgroups_free(cgroups);
	assert_int_equal(ktstr_cgroups_new(tree_path(tree, "ktstr"), "/", &cgroups, NULL), 0);
	cgroupfs_of(cgroups)->write_text = scripted_write;
	cgroupfs_of(cgroups)->empty_limit_ms = 5;
	/* There is no /cgroup.procs, which is as far as this goes without being pid 1's cgroup. */
	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", &error), -ENOENT);
	assert_contains(error.text, "move pid 11 to '/cgroup.procs'");
	ktstr_cgroups_free(cgroups);
}

static void remove_waits_until_the_cgroup_is_empty(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);
	struct ktstr_error error = { 0 };
	uint64_t before_ns;

	make_cg_0(tree);
	tree_write(tree, "cgroup.procs", "");
	tree_write(tree, "ktstr/cg_0/cgroup.events", "populated 1\nfrozen 0\n");
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "11\n");
	before_ns = clock_now_ns();
	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", &error), -EBUSY);
	assert_true(clock_now_ns() - before_ns >= 30 * NS_PER_MS);
	assert_contains(error.text, "still populated after 30 ms");
	assert_contains(error.text, "'11'");
	tree_write(tree, "ktstr/cg_0/cgroup.events", "frozen 1\npopulated 0\n");
	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", &error), -ENOTEMPTY);
	ktstr_cgroups_free(cgroups);
}

static void remove_says_why_processes_would_not_leave(void **state)
{
	struct fake_tree *tree = *state;
	static const int answers[] = { -EPERM, -EPERM, -EPERM, -EPERM, -EPERM, -EPERM, -EPERM };
	struct ktstr_cgroups *cgroups = scripted(tree, answers, COUNT(answers));
	struct ktstr_error error = { 0 };

	make_cg_0(tree);
	tree_write(tree, "cgroup.procs", "");
	tree_write(tree, "ktstr/cg_0/cgroup.events", "populated 1\n");
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "11\n");
	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", &error), -EPERM);
	assert_contains(error.text, "move pid 11");
	assert_contains(error.text, "EPERM");
	ktstr_cgroups_free(cgroups);
}

static void remove_goes_through_once_the_last_process_left(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);

	make_cg_0(tree);
	tree_write(tree, "cgroup.procs", "");
	tree_write(tree, "ktstr/cg_0/cgroup.procs", "11\n");
	kernel.vanish = "ktstr/cg_0/cgroup.procs";
	assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", NULL), 0);
	assert_false(tree_has(tree, "ktstr/cg_0"));
	assert_true(tree_has(tree, "ktstr"));
	ktstr_cgroups_free(cgroups);
}

static void remove_stops_trying_after_eleven_failures(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);
	struct ktstr_error error = { 0 };

	make_cg_0(tree);
	tree_mkdir(tree, "ktstr/easy");
	for (int i = 0; i < 11; i++)
		assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", NULL), -ENOTEMPTY);
	assert_int_equal(ktstr_cgroup_remove(cgroups, "easy", &error), -EBUSY);
	assert_contains(error.text, "'easy'");
	assert_contains(error.text, "11 cgroups");
	assert_contains(error.text, "more than 10");
	assert_true(tree_has(tree, "ktstr/easy"));
	ktstr_cgroups_free(cgroups);
}

static void remove_that_succeeds_makes_up_for_one(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);

	make_cg_0(tree);
	tree_mkdir(tree, "ktstr/easy");
	for (int i = 0; i < 10; i++)
		assert_int_equal(ktstr_cgroup_remove(cgroups, "cg_0", NULL), -ENOTEMPTY);
	assert_int_equal(ktstr_cgroup_remove(cgroups, "gone", NULL), 0); /* does not count */
	assert_int_equal(ktstr_cgroup_remove(cgroups, "easy", NULL), 0);
	assert_int_equal(cgroupfs_of(cgroups)->stuck, 9);
	ktstr_cgroups_free(cgroups);
}

static void cleanup_takes_all_below_the_parent(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);

	make_cg_0(tree); /* stays: has a file that rmdir objects to */
	tree_mkdir(tree, "ktstr/a");
	tree_mkdir(tree, "ktstr/a/b");
	tree_mkdir(tree, "ktstr/a/b/c");
	tree_mkdir(tree, "ktstr/z");
	tree_write(tree, "ktstr/cgroup.procs", "");
	tree_mkdir(tree, "elsewhere");
	ktstr_cgroups_cleanup(cgroups);
	assert_false(tree_has(tree, "ktstr/a"));
	assert_false(tree_has(tree, "ktstr/z"));
	assert_true(tree_has(tree, "ktstr/cg_0"));
	assert_true(tree_has(tree, "ktstr/cgroup.procs"));
	assert_true(tree_has(tree, "elsewhere"));
	ktstr_cgroups_free(cgroups);
}

static void count_warning(void *data, const char *text)
{
	assert_contains(text, "'cg_0'");
	++*(int *)data;
}

static void group_removes_what_it_made_and_nothing_else(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);
	struct cgroup_group group = { .cgroups = cgroups };
	int warnings = 0;

	assert_int_equal(ktstr_cgroup_create(cgroups, "mine", NULL), 0);
	assert_int_equal(cgroup_group_add(&group, "mine/sub", NULL), 0);
	assert_int_equal(cgroup_group_add(&group, "made/deep/er", NULL), 0);
	assert_int_equal(cgroup_group_add(&group, "made/b", NULL), 0);
	assert_int_equal(cgroup_group_add(&group, "made", NULL), 0);
	/* mine/sub, made, made/deep, made/deep/er, made/b */
	assert_int_equal(group.count, 5);
	assert_int_equal(cgroup_group_add(&group, "cg_0", NULL), 0);
	assert_int_equal(cgroup_group_add(&group, "a/", NULL), -EINVAL);
	tree_write(tree, "ktstr/cg_0/keeps.it", "");
	cgroup_group_release(&group, count_warning, &warnings);
	assert_int_equal(warnings, 1);
	assert_false(tree_has(tree, "ktstr/made"));
	assert_false(tree_has(tree, "ktstr/mine/sub"));
	assert_true(tree_has(tree, "ktstr/mine"));
	assert_int_equal(group.count, 0);
	ktstr_cgroups_free(cgroups);
}

static void group_does_not_track_what_could_not_be_made(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = scripted(tree, NULL, 0);
	struct cgroup_group group = { .cgroups = cgroups };

	tree_mkdir(tree, "ktstr");
	tree_write(tree, "ktstr/file", "");
	assert_int_equal(cgroup_group_add(&group, "file", NULL), -ENOTDIR);
	assert_int_equal(group.count, 0);
	cgroup_group_release(&group, count_warning, NULL);
	ktstr_cgroups_free(cgroups);
}

#define on_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_setup, fake_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_tree(move_tasks_retries_and_passes_over),
		on_tree(move_tasks_of_nobody_needs_no_cgroup),
		on_tree(move_tasks_wants_memory_nodes_with_a_cpuset),
		on_tree(place_task_is_one_write),
		on_tree(read_procs_gives_the_pids_that_can_be_named),
		on_tree(read_procs_of_what_is_not_there_says_so),
		on_tree(drain_tasks_tries_all_and_tells_the_first_failure),
		on_tree(clear_subtree_control_takes_back_what_is_passed_on),
		on_tree(remove_of_what_is_not_there_is_fine),
		on_tree(remove_thaws_and_drains_to_the_walk_root),
		on_tree(remove_drains_to_a_walk_root_that_is_the_root),
		on_tree(remove_waits_until_the_cgroup_is_empty),
		on_tree(remove_says_why_processes_would_not_leave),
		on_tree(remove_goes_through_once_the_last_process_left),
		on_tree(remove_stops_trying_after_eleven_failures),
		on_tree(remove_that_succeeds_makes_up_for_one),
		on_tree(cleanup_takes_all_below_the_parent),
		on_tree(group_removes_what_it_made_and_nothing_else),
		on_tree(group_does_not_track_what_could_not_be_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
