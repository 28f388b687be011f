// SPDX-License-Identifier: GPL-2.0-only
#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"
#include "workload/procstat.h"

static const struct {
	const char *text;
	bool accepted;
	struct schedstat stat;
} schedstats[] = {
	/* Claim 55. */
	{ "10 20 30", true, { 10, 20, 30 } },
	{ "10 20 30\n", true, { 10, 20, 30 } },
	{ "  1\t2  3 4 x", true, { 1, 2, 3 } },
	{ "18446744073709551615 0 0", true, { UINT64_MAX, 0, 0 } },
	{ "10 20", false, { 0 } },
	{ "a b c", false, { 0 } },
	{ "1 2 3x", false, { 0 } },
	{ "1 -2 3", false, { 0 } },
	{ "18446744073709551616 0 0", false, { 0 } },
	{ "", false, { 0 } },
};

static void schedstat_parse_takes_three_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(schedstats); i++) {
		struct schedstat stat = { 7, 7, 7 };

		print_message("row: '%s'\n", schedstats[i].text);
		assert_int_equal(schedstat_parse(schedstats[i].text, &stat),
				 schedstats[i].accepted);
		if (!schedstats[i].accepted)
			assert_int_equal(stat.run_count, 7);
		else
			assert_memory_equal(&stat, &schedstats[i].stat, sizeof(stat));
	}
}

static const struct {
	const char *text;
	bool accepted;
	uint64_t pages;
} vmstats[] = {
	/* Claim 57. */
	{ "nr_free_pages 1\nnuma_pages_migrated 42\npgmigrate 3\n", true, 42 },
	{ "numa_pages_migrated 0\n", true, 0 },
	{ "numa_pages_migrated 5", true, 5 },
	{ "xnuma_pages_migrated 42\n", false, 0 },
	{ "numa_pages_migrated_x 42\n", false, 0 },
	{ "numa_pages_migrated many\n", false, 0 },
	{ "", false, 0 },
};

static void vmstat_parse_migrated_matches_the_whole_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vmstats); i++) {
		uint64_t pages = 0;

		print_message("row: '%s'\n", vmstats[i].text);
		assert_int_equal(vmstat_parse_migrated(vmstats[i].text, &pages),
				 vmstats[i].accepted);
		assert_int_equal(pages, vmstats[i].pages);
	}
}

static const struct {
	const char *line;
	bool found;
	uint64_t node0, node1;
} lines[] = {
	/* Claim 56. */
	{ "7f0000000000 default anon=300 dirty=300 N0=200 N1=100 kernelpagesize_kB=4", true, 200,
	  100 },
	{ "7f0000000000 bind:0-1 file=/lib/libc.so N0=3 N0=4\n", true, 7, 0 },
	{ "7f0000000000 N0=9", false, 0, 0 }, /* that is the policy */
	{ "7f0000000000 default anon=3", false, 0, 0 },
	{ "zz default N0=5", false, 0, 0 },
	{ "0x7f00 default N0=5", false, 0, 0 },
	{ "11112222333344445 default N0=5", false, 0, 0 },
	{ "7f0000000000", false, 0, 0 },
	{ "", false, 0, 0 },
	{ "7f00 default N=5 N0 N0= N0=x N0=1x Nx=1 N1=2", true, 0, 2 },
	{ "7f00 default N1024=5", false, 0, 0 },
	{ "7f00 default N99999999999999999999=5 N0=99999999999999999999", false, 0, 0 },
};

static void numa_maps_parse_line_sums_the_nodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		uint64_t pages[NUMA_NODES_MAX] = { 0 };

		print_message("row: '%s'\n", lines[i].line);
		assert_int_equal(numa_maps_parse_line(lines[i].line, pages), lines[i].found);
		assert_int_equal(pages[0], lines[i].node0);
		assert_int_equal(pages[1], lines[i].node1);
	}
}

static void numa_maps_read_sees_this_process(void **state)
{
	uint64_t pages[NUMA_NODES_MAX] = { 0 }, sum = 0;

	(void)state;
	if (access("/proc/self/numa_maps", R_OK))
		skip_because("needs /proc/PID/numa_maps");
	numa_maps_read(NULL, pages);
	for (unsigned node = 0; node < NUMA_NODES_MAX; node++)
		sum += pages[node];
	assert_true(sum > 50); /* libc alone has more pages than that */
}

/* Claim 56. */
static void numa_maps_read_picks_the_region(void **state)
{
	long page = sysconf(_SC_PAGESIZE);
	char *region = mmap(NULL, (size_t)(3 * page), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t pages[NUMA_NODES_MAX] = { 0 }, sum = 0;

	(void)state;
	if (access("/proc/self/numa_maps", R_OK))
		skip_because("needs /proc/PID/numa_maps");
	assert_true(region != MAP_FAILED);
	madvise(region, (size_t)(3 * page), MADV_DONTFORK); /* a line of its own */
	region[0] = region[page] = 1;
	numa_maps_read(region + page, pages);
	for (unsigned node = 0; node < NUMA_NODES_MAX; node++)
		assert_int_equal(pages[node], 0);
	numa_maps_read(region, pages);
	for (unsigned node = 0; node < NUMA_NODES_MAX; node++)
		sum += pages[node];
	assert_int_equal(sum, 2);
	munmap(region, (size_t)(3 * page));
}

static void schedstat_read_sees_this_task(void **state)
{
	struct schedstat stat = { 0 };

	(void)state;
	if (access("/proc/self/schedstat", R_OK))
		skip_because("needs /proc/PID/schedstat");
	assert_true(schedstat_read(gettid(), &stat));
	assert_true(stat.run_count > 0);
	assert_false(schedstat_read(0, &stat));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedstat_parse_takes_three_numbers),
		cmocka_unit_test(vmstat_parse_migrated_matches_the_whole_key),
		cmocka_unit_test(numa_maps_parse_line_sums_the_nodes),
		cmocka_unit_test(numa_maps_read_sees_this_process),
		cmocka_unit_test(numa_maps_read_picks_the_region),
		cmocka_unit_test(schedstat_read_sees_this_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
