// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>

#include <ktstr/topology.h>

#include "unit.h"

static const struct {
	const char *text, *formatted;
	unsigned cpus;
} accepted[] = {
	{ "2n4l4c2t", "2n4l4c2t", 32 },	     { "1n2l4c2t", "1n2l4c2t", 16 },
	{ "2,4,2,2", "2n4l2c2t", 16 },	     { "1n1l1c1t", "1n1l1c1t", 1 },
	{ "1n1l255c1t", "1n1l255c1t", 255 }, { "01n02l03c1t", "1n2l3c1t", 6 },
};

static void topology_parse_and_format_are_inverse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(accepted); i++) {
		char text[KTSTR_TOPOLOGY_TEXT_MAX];
		struct ktstr_topology topology;

		assert_int_equal(ktstr_topology_parse(accepted[i].text, &topology, NULL), 0);
		assert_string_equal(ktstr_topology_format(&topology, text), accepted[i].formatted);
		assert_int_equal(ktstr_topology_num_cpus(&topology), accepted[i].cpus);
	}
}

static const struct {
	const char *text;
	int code;
	const char *names[3]; /* must stand in the message */
} refused[] = {
	{ "", -EINVAL, { "NUMA nodes", "1n2l4c2t" } },
	{ "2n4l4c", -EINVAL, { "threads per core", "2n4l4c" } },
	{ "2n4l4c2", -EINVAL, { "'t' expected" } },
	{ "2n4l4c2tx", -EINVAL, { "'x'" } },
	{ "2l4n4c2t", -EINVAL, { "'n' expected", "'l4n4c2t'" } },
	{ " 2n4l4c2t", -EINVAL, { "number of NUMA nodes" } },
	{ "-1n1l1c1t", -EINVAL, { "'-1n1l1c1t'" } },
	{ "1,2,4", -EINVAL, { "',' expected" } },
	{ "1,2,4,2,1", -EINVAL, { "',1'" } },
	{ "1,2,4,2t", -EINVAL, { "'t'" } },
	{ "0n4l4c2t", -EINVAL, { "0 NUMA nodes" } },
	{ "1n0l4c2t", -EINVAL, { "0 LLCs" } },
	{ "1n1l0c2t", -EINVAL, { "0 cores" } },
	{ "1n1l1c0t", -EINVAL, { "0 threads" } },
	{ "2n3l2c1t", -EINVAL, { "2n3l2c1t", "3 LLCs", "2 NUMA nodes" } },
	{ "4n2l2c1t", -EINVAL, { "2 LLCs", "4 NUMA nodes" } },
	{ "1n64l4c1t", -ERANGE, { "1n64l4c1t", "256 CPUs", "255" } },
	{ "1n5l33c1t", -ERANGE, { "165 CPUs", "288", "254" } },
	{ "1n65536l65536c1t", -ERANGE, { "255" } },
	{ "1n99999999999999999999l1c1t", -ERANGE, { "too many LLCs", "255" } },
};

static void topology_parse_refuses_and_names_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_topology topology = { 7, 7, 7, 7 };
		struct ktstr_error error = { 0 };

		assert_int_equal(ktstr_topology_parse(refused[i].text, &topology, &error),
				 refused[i].code);
		for (size_t j = 0; j < COUNT(refused[i].names) && refused[i].names[j]; j++)
			assert_contains(error.text, refused[i].names[j]);
		assert_int_equal(topology.numa_nodes, 7); /* untouched */
	}
}

static void topology_check_survives_huge_numbers(void **state)
{
	struct ktstr_topology topology = { 1, UINT_MAX, UINT_MAX, UINT_MAX };
	char text[KTSTR_TOPOLOGY_TEXT_MAX];

	(void)state;
	assert_int_equal(ktstr_topology_check(&topology, NULL), -ERANGE);
	assert_int_equal(ktstr_topology_num_cpus(&topology), UINT_MAX);
	topology.numa_nodes = UINT_MAX;
	assert_string_equal(ktstr_topology_format(&topology, text),
			    "4294967295n4294967295l4294967295c4294967295t");
}

static void topology_resolve_fills_field_by_field(void **state)
{
	const struct ktstr_topology scheduler = { .numa_nodes = 2, .llcs = 4 };
	struct ktstr_topology topology = { .llcs = 6 }, bare = { 0 };

	(void)state;
	ktstr_topology_resolve(&topology, &scheduler);
	assert_int_equal(topology.numa_nodes, 2);
	assert_int_equal(topology.llcs, 6);
	assert_int_equal(topology.cores, 2);
	assert_int_equal(topology.threads, 1);
	ktstr_topology_resolve(&bare, NULL);
	assert_int_equal(bare.numa_nodes * 1000 + bare.llcs * 100 + bare.cores * 10 + bare.threads,
			 1121);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topology_parse_and_format_are_inverse),
		cmocka_unit_test(topology_parse_refuses_and_names_the_reason),
		cmocka_unit_test(topology_check_survives_huge_numbers),
		cmocka_unit_test(topology_resolve_fills_field_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
