// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <math.h>

#include "machines.h"
#include "topology/cpuset.h"

static const char *resolved(struct ktstr_cpuset cpuset, const char *notation,
			    char text[CPULIST_TEXT_MAX])
{
	struct ktstr_machine *machine = machine_of(notation);
	cpu_set_t cpus;

	ktstr_cpuset_resolve(&cpuset, machine, &cpus);
	ktstr_machine_free(machine);
	return cpulist_format(&cpus, text);
}

static int checked(struct ktstr_cpuset cpuset, const char *notation, struct ktstr_error *error)
{
	struct ktstr_machine *machine = machine_of(notation);
	int err = ktstr_cpuset_check(&cpuset, machine, error);

	ktstr_machine_free(machine);
	return err;
}

static void cpuset_resolve_halves(void **state)
{
	static const struct {
		const char *notation, *first, *second;
	} rows[] = {
		{ "1n1l1c1t", "", "0" },      { "1n1l2c1t", "0", "1" },
		{ "1n1l3c1t", "0", "1" },     { "1n1l4c1t", "0", "1-2" },
		{ "1n2l4c1t", "0-2", "3-6" }, { "1n2l4c2t", "0-6", "7-14" },
	};
	char text[CPULIST_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *on = rows[i].notation;

		assert_string_equal(resolved(KTSTR_CPUS_DISJOINT(0, 2), on, text), rows[i].first);
		assert_string_equal(resolved(KTSTR_CPUS_DISJOINT(1, 2), on, text), rows[i].second);
		assert_string_equal(resolved(KTSTR_CPUS_RANGE(0, 0.5), on, text), rows[i].first);
		assert_string_equal(resolved(KTSTR_CPUS_RANGE(0.5, 1), on, text), rows[i].second);
	}
}

static void cpuset_resolve_worked_values(void **state)
{
	const struct {
		const char *notation;
		struct ktstr_cpuset cpuset;
		const char *cpus;
	} rows[] = {
		{ "1n2l4c1t", KTSTR_CPUS_DISJOINT(0, 3), "0-1" },
		{ "1n2l4c1t", KTSTR_CPUS_DISJOINT(1, 3), "2-3" },
		{ "1n2l4c1t", KTSTR_CPUS_DISJOINT(2, 3), "4-6" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(0, 2, 0.5), "0-3" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(1, 2, 0.5), "2-6" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(0, 3, 0.5), "0-2" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(1, 3, 0.5), "1-4" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(2, 3, 0.5), "3-6" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(0, 3, 1.0), "0-3" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(1, 3, 1.0), "0-5" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(2, 3, 1.0), "2-6" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0, 0.25), "0" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0.25, 1), "1-6" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0, 0.75), "0-4" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0.75, 1), "5-6" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(1.0 / 3, 2.0 / 3), "2-3" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0, 0.1), "" },
		{ "1n1l4c1t", KTSTR_CPUS_DISJOINT(0, 4), "" },
		{ "1n1l4c1t", KTSTR_CPUS_DISJOINT(3, 4), "0-2" },
		/* The reserved CPU is in LLCs and nodes, never in fractions. */
		{ "2n4l2c1t", KTSTR_CPUS_LLC(3), "6-7" },
		{ "2n4l2c1t", KTSTR_CPUS_NUMA(1), "4-7" },
		{ "2n4l2c1t", KTSTR_CPUS_RANGE(0, 1), "0-6" },
		{ "2n4l2c1t", KTSTR_CPUS_OVERLAP(1, 2, 1), "0-6" },
		{ "2n4l2c1t", KTSTR_CPUS_LIST("7,0-1"), "0-1,7" },
		{ "2n4l2c1t", { 0 }, "0-7" },
		/* Malformed: the nearest sensible set. */
		{ "2n4l2c1t", KTSTR_CPUS_LLC(9), "6-7" },
		{ "2n4l2c1t", KTSTR_CPUS_NUMA(UINT_MAX), "4-7" },
		{ "1n2l4c1t", KTSTR_CPUS_DISJOINT(5, 0), "" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(5, 0, 0.5), "" },
		{ "1n2l4c1t", KTSTR_CPUS_DISJOINT(5, 2), "" },
		{ "1n2l4c1t", KTSTR_CPUS_DISJOINT(UINT_MAX, UINT_MAX), "" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(0, 2, NAN), "0-2" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(0, 2, 7.0), "0-5" },
		{ "1n2l4c1t", KTSTR_CPUS_OVERLAP(0, 2, -1.0), "0-2" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(NAN, 1), "0-6" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0, INFINITY), "" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(-5, 1e300), "0-6" },
		{ "1n2l4c1t", KTSTR_CPUS_RANGE(0.8, 0.2), "" },
		{ "1n2l4c1t", KTSTR_CPUS_LIST("0-x"), "" },
		{ "1n2l4c1t", KTSTR_CPUS_LIST(NULL), "" },
		{ "1n2l4c1t", KTSTR_CPUS_EXACT(NULL), "" },
		{ "1n2l4c1t", { .kind = (enum ktstr_cpuset_kind)99 }, "" },
	};
	char text[CPULIST_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char spec[CPUSET_TEXT_MAX];

		resolved(rows[i].cpuset, rows[i].notation, text);
		if (strcmp(text, rows[i].cpus) != 0)
			fail_msg("%s on %s: {%s} instead of {%s}",
				 cpuset_format(&rows[i].cpuset, spec), rows[i].notation, text,
				 rows[i].cpus);
	}
}

static void cpuset_resolve_partitions_cover_usable_once(void **state)
{
	(void)state;
	for (unsigned cores = 1; cores <= 17; cores++) {
		const struct ktstr_topology topology = { 1, 1, cores, 1 };
		struct ktstr_machine *machine;
		cpu_set_t usable;

		assert_int_equal(ktstr_machine_from_topology(&topology, &machine, NULL), 0);
		ktstr_machine_usable_cpus(machine, &usable);
		for (unsigned of = 1; of <= (unsigned)CPU_COUNT(&usable); of++) {
			cpu_set_t seen;

			CPU_ZERO(&seen);
			for (unsigned i = 0; i < of; i++) {
				struct ktstr_cpuset disjoint = KTSTR_CPUS_DISJOINT(i, of);
				struct ktstr_cpuset overlap = KTSTR_CPUS_OVERLAP(i, of, 0);
				cpu_set_t part, same, common;

				ktstr_cpuset_resolve(&disjoint, machine, &part);
				ktstr_cpuset_resolve(&overlap, machine, &same);
				assert_true(CPU_EQUAL(&part, &same));
				CPU_AND(&common, &part, &seen);
				assert_int_equal(CPU_COUNT(&common), 0);
				assert_true(CPU_COUNT(&part) >= 1);
				CPU_OR(&seen, &seen, &part);
			}
			assert_true(CPU_EQUAL(&seen, &usable));
		}
		ktstr_machine_free(machine);
	}
}

static void cpuset_check_accepts_what_can_be_meant(void **state)
{
	cpu_set_t reserved;

	(void)state;
	CPU_ZERO(&reserved);
	CPU_SET(7, &reserved);
	const struct ktstr_cpuset rows[] = {
		{ 0 },
		KTSTR_CPUS_LLC(1),
		KTSTR_CPUS_NUMA(0),
		KTSTR_CPUS_EXACT(&reserved),
		KTSTR_CPUS_LIST("0,7"),
		KTSTR_CPUS_DISJOINT(6, 7),
		KTSTR_CPUS_OVERLAP(0, 2, 1),
		KTSTR_CPUS_RANGE(0, 1),
		KTSTR_CPUS_RANGE(0, 0.1), /* sound, though empty on 8 CPUs */
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(checked(rows[i], "1n2l4c1t", NULL), 0);
}

static void cpuset_check_names_the_numbers_at_fault(void **state)
{
	cpu_set_t none, beyond;

	(void)state;
	CPU_ZERO(&none);
	CPU_ZERO(&beyond);
	CPU_SET(3, &beyond);
	CPU_SET(8, &beyond);
	CPU_SET(12, &beyond);
	const struct {
		struct ktstr_cpuset cpuset;
		const char *names[3];
	} rows[] = {
		{ KTSTR_CPUS_LLC(2), { "LLC 2", "has 2" } },
		{ KTSTR_CPUS_NUMA(1), { "node 1", "has 1" } },
		{ KTSTR_CPUS_DISJOINT(0, 0), { "count must be > 0" } },
		/* The count is at fault before the index. */
		{ KTSTR_CPUS_OVERLAP(5, 0, NAN), { "count must be > 0" } },
		{ KTSTR_CPUS_DISJOINT(3, 3), { "partition 3 of 3" } },
		{ KTSTR_CPUS_RANGE(NAN, 1), { "nan", "finite" } },
		{ KTSTR_CPUS_RANGE(-0.5, 1), { "-0.5", "1", "[0.0, 1.0]" } },
		{ KTSTR_CPUS_RANGE(0, 1.5), { "1.5", "[0.0, 1.0]" } },
		{ KTSTR_CPUS_RANGE(0.5, 0.5), { "0.5 to 0.5" } },
		{ KTSTR_CPUS_OVERLAP(0, 2, INFINITY), { "inf", "finite" } },
		{ KTSTR_CPUS_OVERLAP(0, 2, 1.5), { "1.5", "[0.0, 1.0]" } },
		{ KTSTR_CPUS_DISJOINT(0, 8), { "8 partitions", "7 usable" } },
		{ KTSTR_CPUS_EXACT(&none), { "no cpus" } },
		{ KTSTR_CPUS_EXACT(NULL), { "no cpus" } },
		{ KTSTR_CPUS_EXACT(&beyond), { "8,12", "highest is 7", "EINVAL" } },
		{ KTSTR_CPUS_LIST("0-3,x"), { "'0-3,x'" } },
		{ KTSTR_CPUS_LIST("0-1024"), { "1023" } },
		{ KTSTR_CPUS_LIST(""), { "no cpus" } },
		{ KTSTR_CPUS_LIST(NULL), { "NULL" } },
		{ { .kind = (enum ktstr_cpuset_kind)99 }, { "99" } },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(checked(rows[i].cpuset, "1n2l4c1t", &error), -EINVAL);
		for (size_t j = 0; j < COUNT(rows[i].names) && rows[i].names[j]; j++)
			assert_contains(error.text, rows[i].names[j]);
	}
}

static void cpus_format_writes_ranges(void **state)
{
	static const struct {
		const char *cpus, *text;
	} rows[] = { { "", "" }, { "3", "3" }, { "1,0", "0-1" }, { "7,0,1,3,5,6", "0-1,3,5-7" } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cpu_set_t cpus = cpus_of(rows[i].cpus);
		char text[KTSTR_CPUS_TEXT_MAX];

		assert_ptr_equal(ktstr_cpus_format(&cpus, text), text);
		assert_string_equal(text, rows[i].text);
	}
}

static void cpuset_format_is_what_the_author_wrote(void **state)
{
	char text[CPUSET_TEXT_MAX];
	struct ktstr_cpuset overlap = KTSTR_CPUS_OVERLAP(1, 3, 0.5);
	struct ktstr_cpuset list = KTSTR_CPUS_LIST("0-3,5");

	(void)state;
	assert_string_equal(cpuset_format(&overlap, text), "KTSTR_CPUS_OVERLAP(1, 3, 0.5)");
	assert_string_equal(cpuset_format(&list, text), "KTSTR_CPUS_LIST(\"0-3,5\")");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpuset_resolve_halves),
		cmocka_unit_test(cpuset_resolve_worked_values),
		cmocka_unit_test(cpuset_resolve_partitions_cover_usable_once),
		cmocka_unit_test(cpuset_check_accepts_what_can_be_meant),
		cmocka_unit_test(cpuset_check_names_the_numbers_at_fault),
		cmocka_unit_test(cpus_format_writes_ranges),
		cmocka_unit_test(cpuset_format_is_what_the_author_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
