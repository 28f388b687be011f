// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "workload/checkpoint.h"

#define START 1000000

static const struct {
	const char *name;
	struct {
		uint64_t at; /* since START */
		int cpu;
	} takes[5];
	unsigned takes_count;
	uint64_t max_gap, max_gap_at;
	int max_gap_cpu;
	uint64_t migrations;
	int cpus;
} rows[] = {
	{ "nothing noticed", { { 0 } }, 0, 0, 0, 0, 0, 1 },
	{ "steady on one cpu", { { 10, 2 }, { 20, 2 }, { 30, 2 } }, 3, 10, 10, 2, 0, 1 },
	{ "the first of equal gaps", { { 7, 2 }, { 14, 2 } }, 2, 7, 7, 2, 0, 1 },
	{ "the cpu before the gap", { { 5, 3 }, { 90, 4 }, { 95, 3 } }, 3, 85, 90, 3, 3, 3 },
	{ "to and fro", { { 1, 5 }, { 2, 2 }, { 3, 5 }, { 4, 2 } }, 4, 1, 1, 2, 4, 2 },
	{ "an unknown cpu is no change", { { 1, -1 }, { 2, 2 }, { 3, -1 } }, 3, 1, 1, 2, 0, 1 },
};

/* Claim 54, and section 10.3. */
static void checkpoint_take_records_gaps_and_migrations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_migration migrations[8];
		struct checkpoint checkpoint;
		uint64_t last_at = 0;

		print_message("row: %s\n", rows[i].name);
		checkpoint_begin(&checkpoint, migrations, COUNT(migrations), START, 2);
		for (unsigned k = 0; k < rows[i].takes_count; k++)
			checkpoint_take(&checkpoint, START + rows[i].takes[k].at,
					rows[i].takes[k].cpu);
		assert_int_equal(checkpoint.max_gap_ns, rows[i].max_gap);
		assert_int_equal(checkpoint.max_gap_at_ns, rows[i].max_gap_at);
		assert_int_equal(checkpoint.max_gap_cpu, rows[i].max_gap_cpu);
		assert_int_equal(checkpoint.migration_count, rows[i].migrations);
		assert_int_equal(checkpoint_migrations_kept(&checkpoint), rows[i].migrations);
		assert_int_equal(CPU_COUNT(&checkpoint.cpus_used), rows[i].cpus);
		for (uint64_t k = 0; k < checkpoint.migration_count; k++) {
			assert_int_not_equal(migrations[k].from_cpu, migrations[k].to_cpu);
			assert_true(migrations[k].at_ns >= last_at);
			last_at = migrations[k].at_ns;
		}
	}
}

static void checkpoint_take_counts_on_when_the_list_is_full(void **state)
{
	struct ktstr_migration migrations[3] = { { .at_ns = 0 }, { .at_ns = 0 }, { .at_ns = 77 } };
	struct checkpoint checkpoint;

	(void)state;
	checkpoint_begin(&checkpoint, migrations, 2, START, 0);
	for (int k = 1; k <= 5; k++)
		checkpoint_take(&checkpoint, START + (uint64_t)k, k);
	assert_int_equal(checkpoint.migration_count, 5);
	assert_int_equal(checkpoint_migrations_kept(&checkpoint), 2);
	assert_int_equal(migrations[1].to_cpu, 2);
	assert_int_equal(migrations[2].at_ns, 77);
}

/* A phase knows the CPU it begins on, those it has seen and its own longest gap. */
static void checkpoint_begin_phase_forgets_the_last_one(void **state)
{
	struct ktstr_migration migrations[4];
	struct checkpoint checkpoint;

	(void)state;
	checkpoint_begin(&checkpoint, migrations, COUNT(migrations), START, 0);
	checkpoint_take(&checkpoint, START + 50, 1);
	checkpoint_begin_phase(&checkpoint);
	assert_int_equal(CPU_COUNT(&checkpoint.phase_cpus_used), 1);
	assert_true(CPU_ISSET(1, &checkpoint.phase_cpus_used));
	assert_int_equal(checkpoint.phase_max_gap_ns, 0);
	checkpoint_take(&checkpoint, START + 57, 2);
	checkpoint_take(&checkpoint, START + 60, 2);
	assert_int_equal(CPU_COUNT(&checkpoint.phase_cpus_used), 2);
	assert_int_equal(checkpoint.phase_max_gap_ns, 7);
	assert_int_equal(checkpoint.phase_max_gap_cpu, 1);
	assert_int_equal(CPU_COUNT(&checkpoint.cpus_used), 3);
	assert_int_equal(checkpoint.max_gap_ns, 50);
	assert_int_equal(checkpoint.migration_count, 2);
}

static void checkpoint_begin_without_a_cpu_waits_for_one(void **state)
{
	struct ktstr_migration migrations[2];
	struct checkpoint checkpoint;

	(void)state;
	checkpoint_begin(&checkpoint, migrations, COUNT(migrations), START, -1);
	assert_int_equal(CPU_COUNT(&checkpoint.cpus_used), 0);
	checkpoint_take(&checkpoint, START + 1, 6);
	assert_int_equal(checkpoint.migration_count, 0);
	assert_true(CPU_ISSET(6, &checkpoint.cpus_used));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checkpoint_take_records_gaps_and_migrations),
		cmocka_unit_test(checkpoint_take_counts_on_when_the_list_is_full),
		cmocka_unit_test(checkpoint_begin_phase_forgets_the_last_one),
		cmocka_unit_test(checkpoint_begin_without_a_cpu_waits_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
