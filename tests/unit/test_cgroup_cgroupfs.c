// SPDX-License-Identifier: GPL-2.0-only
/* Making cgroups and setting them up, on a tree of plain files. */
#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/cpulist.h"
#include "cgroup/cgroupfs.h"
#include "fake_tree.h"

static struct ktstr_cgroups *cgroups_at(const struct fake_tree *tree, const char *parent)
{
	struct ktstr_cgroups *cgroups;

	assert_int_equal(ktstr_cgroups_new(tree_path(tree, parent), tree->root, &cgroups, NULL), 0);
	return cgroups;
}

static const struct {
	const char *parent, *root;
	const char *names[2]; /* must stand in the message */
} refused[] = {
	{ "/x/../y", "/x", { "'/x/../y'", "parent" } },
	{ "/x/..", "/x", { "'/x/..'", "'..'" } },
	{ "/x/y", "/x/../x", { "'/x/../x'", "walk root" } },
	{ "/other", "/x", { "'/other'", "'/x'" } },
	{ "/xy", "/x", { "'/xy'", "'/x'" } },
	{ "/", "/x", { "'/'", "'/x'" } },
	{ "ktstr", "/x", { "'ktstr'", "absolute" } },
};

static void cgroups_new_refuses_a_parent_that_leads_elsewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_cgroups *cgroups = NULL;
		struct ktstr_error error = { 0 };

		assert_int_equal(ktstr_cgroups_new(refused[i].parent, refused[i].root, &cgroups,
						   &error),
				 -EINVAL);
		assert_null(cgroups);
		assert_contains(error.text, refused[i].names[0]);
		assert_contains(error.text, refused[i].names[1]);
	}
}

static void cgroups_new_touches_nothing(void **state)
{
	static const struct {
		const char *parent, *root, *below;
	} rows[] = {
		{ "/no/such", "/no/such", "" },
		{ "/no/such/a//b/", "/no//such/", "a/b" },
		{ "/no/such/..a", "/no/such", "..a" },
		{ NULL, NULL, "ktstr" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_cgroups *cgroups;

		assert_int_equal(ktstr_cgroups_new(rows[i].parent, rows[i].root, &cgroups, NULL),
				 0);
		assert_string_equal(cgroupfs_of(cgroups)->below, rows[i].below);
		ktstr_cgroups_free(cgroups);
	}
	ktstr_cgroups_free(NULL);
}

static void setup_writes_the_controllers_at_every_level(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "a/b/ktstr");
	const unsigned both = KTSTR_CONTROLLER_IO | KTSTR_CONTROLLER_CPUSET;

	tree_write(tree, "cgroup.controllers", "cpuset cpu io memory pids\n");
	tree_write(tree, "cgroup.subtree_control", "");
	tree_mkdir(tree, "a"); /* without the file: passed over */
	tree_mkdir(tree, "a/b");
	tree_write(tree, "a/b/cgroup.subtree_control", "");
	tree_mkdir(tree, "a/b/ktstr");
	tree_write(tree, "a/b/ktstr/cgroup.subtree_control", "");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(ktstr_cgroups_setup(cgroups, both, NULL), 0);
		assert_string_equal(tree_read(tree, "cgroup.subtree_control"), "+cpuset +io");
		assert_string_equal(tree_read(tree, "a/b/cgroup.subtree_control"), "+cpuset +io");
		assert_string_equal(tree_read(tree, "a/b/ktstr/cgroup.subtree_control"),
				    "+cpuset +io");
	}
	assert_false(tree_has(tree, "a/cgroup.subtree_control"));
	assert_int_equal(ktstr_cgroups_setup(cgroups, 31, NULL), 0);
	assert_string_equal(tree_read(tree, "cgroup.subtree_control"),
			    "+cpuset +cpu +memory +pids +io");
	ktstr_cgroups_free(cgroups);
}

static void setup_of_nothing_creates_nothing(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "ktstr");

	tree_write(tree, "cgroup.subtree_control", "untouched");
	assert_int_equal(ktstr_cgroups_setup(cgroups, 0, NULL), 0);
	assert_false(tree_has(tree, "ktstr"));
	assert_string_equal(tree_read(tree, "cgroup.subtree_control"), "untouched");
	ktstr_cgroups_free(cgroups);
}

static void setup_names_a_missing_controller(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "ktstr");
	struct ktstr_error error = { 0 };

	/* "cpu" inside "cpuset" does not count. */
	tree_write(tree, "cgroup.controllers", "cpuset memory\n");
	assert_int_equal(ktstr_cgroups_setup(
				 cgroups, KTSTR_CONTROLLER_CPUSET | KTSTR_CONTROLLER_CPU, &error),
			 -ENOTSUP);
	assert_contains(error.text, "'cpu'");
	assert_contains(error.text, "'cpuset memory'");
	assert_contains(error.text, "/cgroup.controllers");
	assert_contains(error.text, "CONFIG_CGROUP_SCHED");
	assert_false(tree_has(tree, "ktstr"));
	ktstr_cgroups_free(cgroups);
}

static void setup_says_which_level_refused(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "a/ktstr");
	struct ktstr_error error = { 0 };

	tree_mkdir(tree, "a");
	tree_mkdir(tree, "a/cgroup.subtree_control"); /* EISDIR on open */
	assert_int_equal(ktstr_cgroups_setup(cgroups, KTSTR_CONTROLLER_PIDS, &error), -EISDIR);
	assert_contains(error.text, "'+pids'");
	assert_contains(error.text, "/a/cgroup.subtree_control'");
	assert_contains(error.text, "EISDIR");
	ktstr_cgroups_free(cgroups);
}

static void setup_needs_its_walk_root(void **state)
{
	struct fake_tree *tree = *state;
	char root[PATH_MAX], parent[PATH_MAX];
	struct ktstr_error error = { 0 };
	struct ktstr_cgroups *cgroups;

	snprintf(root, sizeof(root), "%s", tree_path(tree, "gone"));
	snprintf(parent, sizeof(parent), "%s", tree_path(tree, "gone/ktstr"));
	assert_int_equal(ktstr_cgroups_new(parent, root, &cgroups, NULL), 0);
	assert_int_equal(ktstr_cgroups_setup(cgroups, 1, &error), -ENOENT);
	assert_contains(error.text, root);
	assert_int_equal(ktstr_cgroup_create(cgroups, "cg_0", &error), -ENOENT);
	assert_contains(error.text, "cgroup 'cg_0'");
	ktstr_cgroups_free(cgroups);
}

static void create_is_idempotent_and_makes_the_parent(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "a/ktstr");
	bool created;

	assert_int_equal(cgroups->ops->create(cgroups, "cg_0", &created, NULL), 0);
	assert_true(created);
	assert_int_equal(cgroups->ops->create(cgroups, "cg_0", &created, NULL), 0);
	assert_false(created);
	assert_true(tree_has(tree, "a/ktstr/cg_0"));
	assert_int_equal(ktstr_cgroup_create(cgroups, "../evil", NULL), -EINVAL);
	assert_false(tree_has(tree, "a/evil"));
	ktstr_cgroups_free(cgroups);
}

static void create_nested_offers_the_cpuset_on_the_way(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "ktstr");
	static const char *const levels[] = { "ktstr", "ktstr/a", "ktstr/a/b", "ktstr/a/b/c" };

	tree_write(tree, "cgroup.subtree_control", "");
	for (size_t i = 0; i < COUNT(levels); i++) {
		char file[64];

		tree_mkdir(tree, levels[i]);
		snprintf(file, sizeof(file), "%s/cgroup.subtree_control", levels[i]);
		tree_write(tree, file, "");
	}
	assert_int_equal(ktstr_cgroup_create(cgroups, "a/b/c", NULL), 0);
	assert_string_equal(tree_read(tree, "cgroup.subtree_control"), "");
	assert_string_equal(tree_read(tree, "ktstr/cgroup.subtree_control"), "+cpuset");
	assert_string_equal(tree_read(tree, "ktstr/a/cgroup.subtree_control"), "+cpuset");
	assert_string_equal(tree_read(tree, "ktstr/a/b/cgroup.subtree_control"), "+cpuset");
	assert_string_equal(tree_read(tree, "ktstr/a/b/c/cgroup.subtree_control"), "");
	ktstr_cgroups_free(cgroups);
}

static int refuse_with_einval(int dirfd, const char *file, const char *text, unsigned limit_ms)
{
	(void)dirfd, (void)file, (void)text, (void)limit_ms;
	return -EINVAL;
}

static void set_cpuset_explains_a_refusal(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "ktstr");
	struct ktstr_error error = { 0 };
	cpu_set_t cpus;

	tree_mkdir(tree, "ktstr");
	tree_write(tree, "ktstr/cgroup.controllers", "cpu pids\n");
	tree_write(tree, "ktstr/cgroup.subtree_control", "pids\n");
	tree_mkdir(tree, "ktstr/cg_0");
	tree_write(tree, "ktstr/cg_0/b.file", "");
	tree_write(tree, "ktstr/cg_0/a.file", "");
	assert_int_equal(cpulist_parse("0-3", &cpus, NULL), 0);
	assert_int_equal(ktstr_cgroup_set_cpuset(cgroups, "gone", &cpus, &error), -ENOENT);
	assert_contains(error.text, "cgroup 'gone' does not exist");
	cgroupfs_of(cgroups)->write_text = refuse_with_einval;
	assert_int_equal(ktstr_cgroup_set_cpuset(cgroups, "cg_0", &cpus, &error), -EINVAL);
	assert_contains(error.text, "cgroup 'cg_0': cpuset.cpus '0-3'");
	assert_contains(error.text, "/ktstr/cg_0/cpuset.cpus' (EINVAL)");
	assert_contains(error.text, "controllers 'cpu pids' and passes on 'pids'");
	assert_contains(error.text, "'cg_0' has '(unreadable)'");
	assert_contains(error.text, "it needs the cpuset controller, ");
	assert_contains(error.text, "cpuset.cpus does not exist, files: a.file b.file");
	assert_int_equal(ktstr_cgroup_set_cpuset(cgroups, "cg_0", &cpus, NULL), -EINVAL);
	ktstr_cgroups_free(cgroups);
}

/* Opening a fifo for writing blocks until somebody reads it. */
static void blocked_write_gives_up_and_names_the_path(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_cgroups *cgroups = cgroups_at(tree, "ktstr");
	struct ktstr_error error = { 0 };
	uint64_t before_ns;
	struct pollfd reader;
	char byte;

	tree_mkdir(tree, "ktstr");
	tree_mkdir(tree, "ktstr/cg_0");
	assert_int_equal(mkfifo(tree_path(tree, "ktstr/cg_0/cgroup.freeze"), 0600), 0);
	cgroupfs_of(cgroups)->write_limit_ms = 30;
	before_ns = clock_now_ns();
	assert_int_equal(ktstr_cgroup_freeze(cgroups, "cg_0", &error), -ETIMEDOUT);
	assert_true(clock_now_ns() - before_ns >= 30 * NS_PER_MS);
	assert_contains(error.text, "/ktstr/cg_0/cgroup.freeze'");
	assert_contains(error.text, "30ms");
	ktstr_cgroups_free(cgroups);

	/* Let the writer go; it cleans up behind itself without the manager. */
	reader.fd = open(tree_path(tree, "ktstr/cg_0/cgroup.freeze"), O_RDONLY | O_NONBLOCK);
	reader.events = POLLIN;
	assert_int_equal(poll(&reader, 1, 5000), 1);
	assert_int_equal(read(reader.fd, &byte, 1), 1);
	assert_int_equal(byte, '1');
	/* End of file: its descriptor is closed. The copy of dirfd follows before it exits. */
	for (;;) {
		assert_int_equal(poll(&reader, 1, 5000), 1);
		if (read(reader.fd, &byte, 1) == 0)
			break;
	}
	close(reader.fd);
	before_ns = clock_now_ns();
	while (count_fds() != tree->fds && clock_now_ns() - before_ns < 5 * NS_PER_S)
		sched_yield();
}

#define on_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_setup, fake_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cgroups_new_refuses_a_parent_that_leads_elsewhere),
		cmocka_unit_test(cgroups_new_touches_nothing),
		on_tree(setup_writes_the_controllers_at_every_level),
		on_tree(setup_of_nothing_creates_nothing),
		on_tree(setup_names_a_missing_controller),
		on_tree(setup_says_which_level_refused),
		on_tree(setup_needs_its_walk_root),
		on_tree(create_is_idempotent_and_makes_the_parent),
		on_tree(create_nested_offers_the_cpuset_on_the_way),
		on_tree(set_cpuset_explains_a_refusal),
		on_tree(blocked_write_gives_up_and_names_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
