// SPDX-License-Identifier: GPL-2.0-only
/* What discovery makes of a sysfs tree: hwloc reads it, below HWLOC_FSROOT instead of "/". */
#include <stdlib.h>

#include "fake_tree.h"
#include "machines.h"

static void tree_mkdirs(const struct fake_tree *tree, const char *path)
{
	char part[256];

	for (const char *at = path; (at = strchr(at, '/')); at++) {
		snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
		if (!tree_has(tree, part))
			tree_mkdir(tree, part);
	}
}

static void sysfs_file(const struct fake_tree *tree, unsigned cpu, const char *file,
		       const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/%s", cpu, file);
	tree_mkdirs(tree, path);
	tree_write(tree, path, text);
}

/* A CPU of a core of its own; masks are the kernel's, in hexadecimal digits. */
static void sysfs_cpu(const struct fake_tree *tree, unsigned cpu)
{
	char text[16];

	snprintf(text, sizeof(text), "%u\n", cpu);
	sysfs_file(tree, cpu, "topology/core_id", text);
	sysfs_file(tree, cpu, "topology/physical_package_id", "0\n");
	snprintf(text, sizeof(text), "%x\n", 1u << cpu);
	sysfs_file(tree, cpu, "topology/core_cpus", text);
	sysfs_file(tree, cpu, "topology/thread_siblings", text);
	sysfs_file(tree, cpu, "topology/package_cpus", "f\n");
	sysfs_file(tree, cpu, "topology/core_siblings", "f\n");
}

static void sysfs_cache(const struct fake_tree *tree, unsigned cpu, unsigned index,
			const char *level, const char *size, const char *shared)
{
	const char *const files[][2] = {
		{ "level", level },
		{ "type", "Unified\n" },
		{ "size", size },
		{ "shared_cpu_map", shared },
	};

	for (size_t i = 0; i < COUNT(files); i++) {
		char file[64];

		snprintf(file, sizeof(file), "cache/index%u/%s", index, files[i][0]);
		sysfs_file(tree, cpu, file, files[i][1]);
	}
}

static struct ktstr_machine *machine_of_tree(const struct fake_tree *tree)
{
	struct ktstr_machine *machine;

	assert_int_equal(setenv("HWLOC_FSROOT", tree->root, 1), 0);
	assert_int_equal(setenv("HWLOC_COMPONENTS", "linux,stop", 1), 0);
	assert_int_equal(machine_of_hwloc(NULL, NULL, &machine, NULL), 0);
	unsetenv("HWLOC_FSROOT");
	unsetenv("HWLOC_COMPONENTS");
	return machine;
}

static void assert_machine(const struct ktstr_machine *machine, const char *expected)
{
	char text[KTSTR_MACHINE_TEXT_MAX];

	assert_string_equal(ktstr_machine_format(machine, text), expected);
}

/*
 * Scenario claims 14 and 15. Sizes are written as the kernel does, in K: drivers/base/cacheinfo.c
 * knows no other unit, and no cache that takes part has a size of 0.
 */
static void caches_without_ids_go_by_the_cpus_that_share_them(void **state)
{
	static const char *const own[] = { "1\n", "2\n", "4\n", "8\n" };
	static const struct {
		const char *size;
		unsigned kib;
	} sizes[] = { { "48K\n", 48 }, { "32768K\n", 32768 }, { "0K\n", 0 } };
	struct fake_tree *tree = *state;
	cpu_set_t cpus;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct ktstr_machine *machine;

		for (unsigned cpu = 0; cpu < 4; cpu++) {
			sysfs_cpu(tree, cpu);
			/* The largest level counts, in whatever order they stand. */
			sysfs_cache(tree, cpu, 0, "3\n", sizes[i].size, cpu % 2 ? "a\n" : "5\n");
			sysfs_cache(tree, cpu, 1, "2\n", "2048K\n", own[cpu]);
		}
		machine = machine_of_tree(tree);
		assert_machine(machine, "4 CPUs, 4 cores, 1 NUMA node {0-3}, 2 LLCs {0,2} {1,3}");
		ktstr_machine_llc_cpus(machine, 1, &cpus);
		assert_cpus(&cpus, "1,3");
		assert_int_equal(ktstr_machine_llc_cache_kib(machine, 0), sizes[i].kib);
		assert_int_equal(ktstr_machine_llc_cache_kib(machine, 1), sizes[i].kib);
		ktstr_machine_free(machine);
	}
}

static void cpus_without_caches_share_one_llc(void **state)
{
	struct fake_tree *tree = *state;
	struct ktstr_machine *machine;

	for (unsigned cpu = 0; cpu < 4; cpu++)
		sysfs_cpu(tree, cpu);
	machine = machine_of_tree(tree);
	assert_machine(machine, "4 CPUs, 4 cores, 1 NUMA node {0-3}, 1 LLC {0-3}");
	assert_int_equal(ktstr_machine_llc_cache_kib(machine, 0), 0);
	ktstr_machine_free(machine);
}

#define on_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_setup, fake_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_tree(caches_without_ids_go_by_the_cpus_that_share_them),
		on_tree(cpus_without_caches_share_one_llc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
