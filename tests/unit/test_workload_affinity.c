// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <unistd.h>

#include "base/cpulist.h"
#include "unit.h"
#include "workload/affinity.h"

static cpu_set_t cpus(const char *list)
{
	cpu_set_t set;

	assert_int_equal(cpulist_parse(list, &set, NULL), 0);
	return set;
}

/* Claim 21. */
static void affinity_check_refuses_what_gives_no_mask(void **state)
{
	cpu_set_t none = cpus(""), some = cpus("0-3");
	const struct {
		struct ktstr_affinity affinity;
		const char *says; /* NULL: accepted */
	} rows[] = {
		{ { 0 }, NULL },
		{ KTSTR_AFFINITY_EXACT(&some), NULL },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&some, 9), NULL },
		{ KTSTR_AFFINITY_EXACT(&none), "'exact': the set of cpus is empty" },
		{ KTSTR_AFFINITY_EXACT(NULL), "'exact': the set of cpus is empty" },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&none, 1),
		  "'random subset': the set of cpus is empty" },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&some, 0), "count 0" },
		{ { .kind = (enum ktstr_affinity_kind)9, .cpus = &some }, "kind 9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(affinity_check(&rows[i].affinity, &error),
				 rows[i].says ? -EINVAL : 0);
		if (rows[i].says)
			assert_contains(error.text, rows[i].says);
	}
}

/* Claim 22. */
static void affinity_draw_takes_min_of_count_and_pool(void **state)
{
	cpu_set_t pool = cpus("1,3,500,1023"), drawn, seen, outside;
	struct prng prng = prng_seeded(11);

	(void)state;
	for (unsigned count = 1; count <= 9; count++) {
		CPU_ZERO(&seen);
		for (unsigned round = 0; round < 200; round++) {
			assert_true(affinity_draw(&KTSTR_AFFINITY_RANDOM_SUBSET(&pool, count),
						  &prng, &drawn));
			assert_int_equal(CPU_COUNT(&drawn), count < 4 ? count : 4);
			CPU_OR(&seen, &seen, &drawn);
		}
		/* Every CPU of the pool comes up, and none other. */
		CPU_XOR(&outside, &seen, &pool);
		assert_int_equal(CPU_COUNT(&outside), 0);
	}
}

static void affinity_draw_is_fair_to_each_cpu(void **state)
{
	cpu_set_t pool = cpus("0-9"), drawn;
	struct prng prng = prng_seeded(12);
	unsigned times[10] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 10000; round++) {
		affinity_draw(&KTSTR_AFFINITY_RANDOM_SUBSET(&pool, 3), &prng, &drawn);
		for (int cpu = 0; cpu < 10; cpu++)
			times[cpu] += CPU_ISSET(cpu, &drawn) != 0;
	}
	for (int cpu = 0; cpu < 10; cpu++) /* 3000 with a standard deviation of 46 */
		assert_in_range(times[cpu], 2700, 3300);
}

static void affinity_draw_passes_the_other_kinds_through(void **state)
{
	cpu_set_t set = cpus("0,2"), drawn;
	struct prng prng = prng_seeded(1);

	(void)state;
	assert_false(affinity_draw(&(struct ktstr_affinity){ 0 }, &prng, &drawn));
	assert_true(affinity_draw(&KTSTR_AFFINITY_EXACT(&set), &prng, &drawn));
	assert_true(CPU_EQUAL(&drawn, &set));
}

static void affinity_apply_names_task_and_cpus(void **state)
{
	cpu_set_t far = cpus("1022-1023"), none = cpus(""), near = cpus("0-1023"), before;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	if (CPU_ISSET(1023, &before) || CPU_ISSET(1022, &before))
		skip_because("needs a machine without the CPUs 1022 and 1023");
	assert_int_equal(affinity_apply(0, &near, &error), -EINVAL);
	assert_contains(error.text, "task id 0");
	assert_int_equal(affinity_apply(-4, &near, &error), -EINVAL);
	assert_contains(error.text, "-4");
	assert_int_equal(affinity_apply(gettid(), &none, &error), -EINVAL);
	assert_contains(error.text, "no cpu in the set");
	assert_int_equal(affinity_apply(gettid(), &far, &error), -EINVAL);
	assert_contains(error.text, "1022-1023");
	assert_contains(error.text, "online");
	assert_int_equal(affinity_apply(gettid(), &before, &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(affinity_check_refuses_what_gives_no_mask),
		cmocka_unit_test(affinity_draw_takes_min_of_count_and_pool),
		cmocka_unit_test(affinity_draw_is_fair_to_each_cpu),
		cmocka_unit_test(affinity_draw_passes_the_other_kinds_through),
		cmocka_unit_test(affinity_apply_names_task_and_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
