// SPDX-License-Identifier: GPL-2.0-only
/* What affinities mean on a machine and in a cpuset; scenario claims 42 to 45. */
#include <errno.h>

#include "machines.h"
#include "scenario/affinity_intent.h"

static const char *const kind_names[] = {
	[KTSTR_AFFINITY_INHERIT] = "inherit",
	[KTSTR_AFFINITY_EXACT] = "exact",
	[KTSTR_AFFINITY_RANDOM_SUBSET] = "random",
};

/* The result in words, "exact 0-1", "random 2 of 0-3", or the error's text. cpuset NULL: none. */
static const char *resolved(struct ktstr_affinity intent, const char *cpuset, const char *topology)
{
	static char text[sizeof(((struct ktstr_error *)0)->text)];
	struct ktstr_machine *machine = machine_of(topology);
	cpu_set_t set = cpus_of(cpuset ? cpuset : ""), cpus = cpus_of("1000");
	struct ktstr_affinity affinity = { .kind = (enum ktstr_affinity_kind)77 };
	struct ktstr_error error = { 0 };
	char list[CPULIST_TEXT_MAX];
	int err = affinity_intent_resolve(&intent, cpuset ? &set : NULL, machine, &affinity, &cpus,
					  &error);

	ktstr_machine_free(machine);
	if (err) {
		assert_int_equal(err, -EINVAL);
		assert_int_equal(affinity.kind, 77); /* untouched */
		snprintf(text, sizeof(text), "%s", error.text);
		return text;
	}
	assert_true((size_t)affinity.kind < COUNT(kind_names));
	assert_ptr_equal(affinity.cpus, affinity.kind == KTSTR_AFFINITY_INHERIT ? NULL : &cpus);
	if (affinity.kind == KTSTR_AFFINITY_RANDOM_SUBSET)
		snprintf(text, sizeof(text), "random %u of %s", affinity.count,
			 cpulist_format(&cpus, list));
	else
		snprintf(text, sizeof(text), "%s%s%s", kind_names[affinity.kind],
			 affinity.cpus ? " " : "",
			 affinity.cpus ? cpulist_format(&cpus, list) : "");
	return text;
}

static void intents_become_what_the_workload_takes(void **state)
{
	cpu_set_t set = cpus_of("0-1,4-5"), beyond = cpus_of("900");
	const struct {
		struct ktstr_affinity intent;
		const char *cpuset, *topology, *becomes;
	} rows[] = {
		{ { 0 }, NULL, "1n2l4c1t", "inherit" },
		{ { 0 }, "2-3", "1n2l4c1t", "inherit" },
		{ KTSTR_AFFINITY_EXACT(&set), NULL, "1n2l4c1t", "exact 0-1,4-5" },
		{ KTSTR_AFFINITY_EXACT(&set), "1-4", "1n2l4c1t", "exact 1,4" },
		/* Without a cpuset the set is the test's own business. */
		{ KTSTR_AFFINITY_EXACT(&beyond), NULL, "1n2l4c1t", "exact 900" },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&set, 2), NULL, "1n2l4c1t", "random 2 of 0-1,4-5" },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&set, 9), NULL, "1n2l4c1t", "random 4 of 0-1,4-5" },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&set, 3), "0,5-7", "1n2l4c1t", "random 2 of 0,5" },
		{ KTSTR_AFFINITY_SINGLE_CPU(), NULL, "1n2l4c1t", "exact 0" },
		{ KTSTR_AFFINITY_SINGLE_CPU(), "6,3-4", "1n2l4c1t", "exact 3" },
		{ KTSTR_AFFINITY_CROSS_CGROUP(), NULL, "1n2l4c1t", "exact 0-7" },
		{ KTSTR_AFFINITY_CROSS_CGROUP(), "3", "1n2l4c1t", "exact 0-7" },
		{ KTSTR_AFFINITY_LLC_ALIGNED(), NULL, "1n2l4c1t", "exact 0-3" },
		{ KTSTR_AFFINITY_LLC_ALIGNED(), "3-6", "1n2l4c1t", "exact 4-6" },
		/* Of equal ones the lower. */
		{ KTSTR_AFFINITY_LLC_ALIGNED(), "2-5", "1n2l4c1t", "exact 2-3" },
		{ KTSTR_AFFINITY_SMT_SIBLING_PAIR(), NULL, "1n1l2c2t", "exact 0-1" },
		{ KTSTR_AFFINITY_SMT_SIBLING_PAIR(), "1-3", "1n1l2c2t", "exact 2-3" },
		{ KTSTR_AFFINITY_SMT_SIBLING_PAIR(), "5-6,9-11", "1n2l2c4t", "exact 5-6" },
		{ KTSTR_AFFINITY_SMT_SIBLING_PAIR(), "7-8,10", "1n2l2c4t", "exact 8,10" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(resolved(rows[i].intent, rows[i].cpuset, rows[i].topology),
				    rows[i].becomes);
}

static void intents_that_leave_no_cpu_are_errors(void **state)
{
	cpu_set_t set = cpus_of("0-1"), none = cpus_of("");
	const struct {
		struct ktstr_affinity intent;
		const char *cpuset, *topology;
		const char *says[4];
	} rows[] = {
		{ KTSTR_AFFINITY_EXACT(&none),
		  NULL,
		  "1n2l2c1t",
		  { "exact", "<empty>", "<no cpuset>", "inherit" } },
		{ KTSTR_AFFINITY_EXACT(NULL), "1", "1n2l2c1t", { "exact", "<empty>", "cpuset 1" } },
		{ KTSTR_AFFINITY_EXACT(&set),
		  "2-3",
		  "1n2l2c1t",
		  { "exact", "none of cpus 0-1", "cpuset 2-3", "inherit" } },
		/* The count is at fault before the set. */
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&none, 0),
		  NULL,
		  "1n2l2c1t",
		  { "random subset", "count=0", "inherit" } },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&none, 1),
		  NULL,
		  "1n2l2c1t",
		  { "random subset", "<empty>", "<no cpuset>" } },
		{ KTSTR_AFFINITY_RANDOM_SUBSET(&set, 1),
		  "2",
		  "1n2l2c1t",
		  { "none of cpus 0-1", "cpuset 2", "change the cpuset", "inherit" } },
		{ KTSTR_AFFINITY_SINGLE_CPU(), "", "1n2l2c1t", { "single cpu", "cpuset <empty>" } },
		{ KTSTR_AFFINITY_LLC_ALIGNED(),
		  "",
		  "1n2l2c1t",
		  { "llc aligned", "2 LLCs", "cpuset <empty>" } },
		{ KTSTR_AFFINITY_LLC_ALIGNED(),
		  "900",
		  "1n2l2c1t",
		  { "llc aligned", "cpuset 900", "inherit" } },
		{ KTSTR_AFFINITY_SMT_SIBLING_PAIR(),
		  NULL,
		  "1n2l2c1t",
		  { "smt sibling pair", "the whole machine, <no cpuset>", "4 cores and 4 cpus",
		    "inherit" } },
		{ KTSTR_AFFINITY_SMT_SIBLING_PAIR(),
		  "0,2,4",
		  "1n1l4c2t",
		  { "no core has two cpus in cpuset 0,2,4", ".topology" } },
		{ { .kind = (enum ktstr_affinity_kind)99 }, NULL, "1n2l2c1t", { "kind 99" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *text = resolved(rows[i].intent, rows[i].cpuset, rows[i].topology);

		for (size_t j = 0; j < COUNT(rows[i].says) && rows[i].says[j]; j++)
			assert_contains(text, rows[i].says[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intents_become_what_the_workload_takes),
		cmocka_unit_test(intents_that_leave_no_cpu_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
