// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "check/verdict.h"
#include "unit.h"

#include "check_reports.h"

static void assert_prints(const struct scenario_stats *stats, const char *indent,
			  const char *expected)
{
	auto_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	scenario_stats_print(stats, indent, out);
	fclose(out);
	assert_string_equal(text, expected);
}

/* The numbers of the seed's example: shared/spec/checking.md, claim 44. */
static void scenario_stats_print_matches_the_seed(void **state)
{
	struct cgroup_stats cgroups[] = {
		{ .name = (char[]){ "left" },
		  .num_workers = 1,
		  .cpus_used = cpus_of(0x3),
		  .off_cpu_measured = true,
		  .max_gap_ms = 10,
		  .total_migrations = 1,
		  .total_iterations = 209600 },
		{ .name = (char[]){ "right" },
		  .num_workers = 1,
		  .cpus_used = cpus_of(0x3),
		  .off_cpu_measured = true,
		  .max_gap_ms = 21,
		  .total_migrations = 1,
		  .total_iterations = 189252 },
	};
	const struct scenario_stats stats = { cgroups, COUNT(cgroups) };

	(void)state;
	assert_prints(&stats, "",
		      "2 workers, 4 cpus, 2 migrations, worst_spread=0.0%, worst_gap=21ms\n"
		      "  cg0: workers=1 cpus=2 spread=0.0% gap=10ms migrations=1 iter=209600\n"
		      "  cg1: workers=1 cpus=2 spread=0.0% gap=21ms migrations=1 iter=189252\n");
	assert_prints(&stats, "# ",
		      "# 2 workers, 4 cpus, 2 migrations, worst_spread=0.0%, worst_gap=21ms\n"
		      "#   cg0: workers=1 cpus=2 spread=0.0% gap=10ms migrations=1 iter=209600\n"
		      "#   cg1: workers=1 cpus=2 spread=0.0% gap=21ms migrations=1 iter=189252\n");
}

static void scenario_stats_print_says_when_there_is_no_spread(void **state)
{
	struct cgroup_stats dead = { .num_workers = 3 };

	(void)state;
	assert_prints(&(struct scenario_stats){ &dead, 1 }, "",
		      "3 workers, 0 cpus, 0 migrations, worst_spread=0.0%, worst_gap=0ms\n"
		      "  cg0: workers=3 cpus=0 spread=n/a gap=0ms migrations=0 iter=0\n");
}

static void scenario_stats_print_rounds_the_spread(void **state)
{
	struct cgroup_stats stats = { .num_workers = 2, .off_cpu_measured = true, .spread = 22.37 };

	(void)state;
	assert_prints(&(struct scenario_stats){ &stats, 1 }, "",
		      "2 workers, 0 cpus, 0 migrations, worst_spread=22.4%, worst_gap=0ms\n"
		      "  cg0: workers=2 cpus=0 spread=22.4% gap=0ms migrations=0 iter=0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenario_stats_print_matches_the_seed),
		cmocka_unit_test(scenario_stats_print_says_when_there_is_no_spread),
		cmocka_unit_test(scenario_stats_print_rounds_the_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
