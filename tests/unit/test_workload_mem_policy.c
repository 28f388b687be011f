// SPDX-License-Identifier: GPL-2.0-only
/* Memory policies: the mask of nodes, what is refused, and what reaches the kernel. */
#include <errno.h>

#include "workload/mem_policy.h"

#include "unit.h"

/* Claim 26. */
static void nodemask_build_sets_a_bit_per_node(void **state)
{
	static const struct {
		unsigned nodes[2];
		size_t num_nodes, num_words;
		unsigned long first, maxnode;
	} rows[] = {
		{ { 0 }, 1, 1, 1, 2 },		 { { 1, 3 }, 2, 1, 0xa, 5 },
		{ { 62 }, 1, 1, 1UL << 62, 64 }, { { 63 }, 1, 2, 1UL << 63, 65 },
		{ { 64, 0 }, 2, 2, 1, 66 },	 { { 1023 }, 1, 17, 0, 1025 },
		{ { 0 }, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct nodemask mask;

		nodemask_build(rows[i].nodes, rows[i].num_nodes, &mask);
		assert_int_equal(mask.num_words, rows[i].num_words);
		assert_int_equal(mask.maxnode, rows[i].maxnode);
		assert_int_equal(mask.words[0], rows[i].first);
	}
}

static void mem_policy_check_refuses_what_could_not_be_meant(void **state)
{
	const struct {
		struct ktstr_mem_policy policy;
		const char *says; /* NULL: is fine */
	} rows[] = {
		{ { 0 }, NULL },
		{ KTSTR_MEM_LOCAL(), NULL },
		{ KTSTR_MEM_PREFERRED(1023), NULL },
		{ KTSTR_MEM_BIND(0, 1), NULL },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_BIND, KTSTR_MPOL_STATIC_NODES, 2), NULL },
		{ { .kind = KTSTR_MEM_BIND }, "'bind': needs at least one NUMA node" },
		{ { .kind = KTSTR_MEM_PREFERRED }, "KTSTR_MEM_PREFERRED(" },
		{ { .kind = KTSTR_MEM_INTERLEAVE }, "KTSTR_MEM_INTERLEAVE(" },
		{ { .kind = KTSTR_MEM_PREFERRED_MANY }, "KTSTR_MEM_PREFERRED_MANY(" },
		{ { .kind = KTSTR_MEM_WEIGHTED_INTERLEAVE }, "KTSTR_MEM_WEIGHTED_INTERLEAVE(" },
		{ KTSTR_MEM_INTERLEAVE(0, 1024), "node 1024" },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_PREFERRED, 0, 0, 1), "takes one node, got 2" },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_BIND, 1, 0), "flags 0x1" },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_BIND,
				   KTSTR_MPOL_STATIC_NODES | KTSTR_MPOL_RELATIVE_NODES, 0),
		  "exclude each other" },
		{ { .kind = (enum ktstr_mem_policy_kind)9 }, "kind 9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };
		int err = mem_policy_check(&rows[i].policy, &error);

		assert_int_equal(err, rows[i].says ? -EINVAL : 0);
		if (rows[i].says)
			assert_contains(error.text, rows[i].says);
	}
}

static void mem_policy_nodes_are_those_it_refers_to(void **state)
{
	const unsigned nodes[] = { 3, 5 };
	struct ktstr_mem_policy policy = { .nodes = nodes, .num_nodes = 2 };
	size_t count;

	(void)state;
	assert_null(mem_policy_nodes(&policy, &count));
	assert_int_equal(count, 0);
	policy.kind = KTSTR_MEM_LOCAL;
	assert_null(mem_policy_nodes(&policy, &count));
	policy.kind = KTSTR_MEM_BIND;
	assert_ptr_equal(mem_policy_nodes(&policy, &count), nodes);
	assert_int_equal(count, 2);
}

static void mem_policy_prepare_says_what_the_kernel_wants(void **state)
{
	struct mem_policy_call call;

	(void)state;
	mem_policy_prepare(&(struct ktstr_mem_policy){ 0 }, &call);
	assert_null(call.name);
	assert_int_equal(mem_policy_apply(&call, NULL), 0);
	mem_policy_prepare(&KTSTR_MEM_LOCAL(), &call);
	assert_int_equal(call.mode, 4);
	assert_int_equal(call.mask.maxnode, 0);
	mem_policy_prepare(&KTSTR_MEM_POLICY(KTSTR_MEM_WEIGHTED_INTERLEAVE,
					     KTSTR_MPOL_STATIC_NODES | KTSTR_MPOL_NUMA_BALANCING,
					     1),
			   &call);
	assert_int_equal(call.mode, 6 | 1 << 15 | 1 << 13);
	assert_int_equal(call.mask.words[0], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodemask_build_sets_a_bit_per_node),
		cmocka_unit_test(mem_policy_check_refuses_what_could_not_be_meant),
		cmocka_unit_test(mem_policy_nodes_are_those_it_refers_to),
		cmocka_unit_test(mem_policy_prepare_says_what_the_kernel_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
