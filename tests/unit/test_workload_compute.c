// SPDX-License-Identifier: GPL-2.0-only
/* AluHot, SmtSiblingSpin and IpcVariance, and the arithmetic below them. */
#include "workload/work/alu.h"

#include "test_work.h"

/* Claims 5, 49. */
static void compute_counts_units_and_costs(void **state)
{
	const struct work_claim claims[] = {
		{ KTSTR_WORK(alu_hot), 1, 1024, COST },
		{ KTSTR_WORK(alu_hot, .width = KTSTR_ALU_SCALAR), 1, 1024, COST },
		{ KTSTR_WORK(smt_sibling_spin), 4, 1024, COST },
		/* Its last pass is cut short. */
		{ KTSTR_WORK(ipc_variance, .hot_iters = 500, .cold_iters = 12, .period_iters = 2),
		  1, 0, COST },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++)
		assert_work_claim(&claims[i], 50);
}

/* Claim 13. */
static void smt_sibling_spin_comes_in_pairs(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(smt_sibling_spin),
			    "SmtSiblingSpin (group 0) requires num_workers divisible by 2, got 1");
}

/* Claim 16. */
static void ipc_variance_names_the_zero_parameter(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(ipc_variance, .hot_iters = KTSTR_ZERO),
			    "IpcVariance (group 0): hot_iters must be > 0");
	assert_work_refused(KTSTR_WORK(ipc_variance, .cold_iters = KTSTR_ZERO),
			    "cold_iters must be > 0");
	assert_work_refused(KTSTR_WORK(ipc_variance, .period_iters = KTSTR_ZERO),
			    "period_iters must be > 0");
}

static void ipc_variance_is_hot_then_cold(void **state)
{
	struct solo *solo = solo_new(
		KTSTR_WORK(ipc_variance, .hot_iters = 7, .cold_iters = 3000, .period_iters = 4));
	uint64_t touched = 0;

	(void)state;
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.work_units, 4 * 3007);
	assert_int_equal(solo->worker.iteration_costs.total, 1);
	assert_int_equal(solo->worker.buffer_bytes, 512 * 1024);
	for (size_t i = 0; i < 65536; i++)
		touched += ((uint64_t *)solo->worker.buffer)[i];
	assert_int_equal(touched, 4 * 3000);
	solo_stop(solo);
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.iteration_costs.total, 1);
	solo_free(solo);
}

static void *stop_in_a_while(void *argument)
{
	hold(20);
	solo_stop(argument);
	return NULL;
}

/* What the stop cuts short has no cost, wherever in the pass it comes. */
static void ipc_variance_that_is_cut_short_is_no_sample(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(ipc_variance, .hot_iters = 1000, .cold_iters = 1,
						.period_iters = UINT_MAX - 1));
	pthread_t stopper;

	(void)state;
	assert_int_equal(pthread_create(&stopper, NULL, stop_in_a_while, solo), 0);
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(pthread_join(stopper, NULL), 0);
	assert_true(solo->worker.work_units > 0);
	assert_int_equal(solo->worker.iteration_costs.total, 0);
	solo_free(solo);
}

/* Claim 74. */
static void alu_resolve_gives_a_width_of_the_machine(void **state)
{
	enum ktstr_alu_width widest = alu_resolve(KTSTR_ALU_WIDEST);

	(void)state;
	assert_in_range(widest, KTSTR_ALU_VEC128, KTSTR_ALU_VEC512);
	assert_int_equal(alu_resolve(KTSTR_ALU_AMX), widest);
	assert_int_equal(alu_resolve(KTSTR_ALU_SCALAR), KTSTR_ALU_SCALAR);
	assert_int_equal(alu_resolve(KTSTR_ALU_VEC128), KTSTR_ALU_VEC128);
	for (enum ktstr_alu_width width = KTSTR_ALU_VEC256; width <= KTSTR_ALU_VEC512; width++)
		assert_int_equal(alu_resolve(width), width <= widest ? width : widest);
}

/* Every width this machine has computes: the whole register changes, and nothing beyond it. */
static void alu_run_changes_its_registers(void **state)
{
	(void)state;
	for (enum ktstr_alu_width width = KTSTR_ALU_SCALAR; width <= alu_resolve(KTSTR_ALU_WIDEST);
	     width++) {
		size_t bytes = width == KTSTR_ALU_SCALAR ? 8 : 16u << (width - KTSTR_ALU_VEC128);
		struct alu before, alu;

		alu_init(&alu, width);
		assert_int_equal(alu.width, width);
		before = alu;
		alu.run(&alu, 3);
		for (unsigned chain = 0; chain < ALU_CHAINS; chain++) {
			assert_memory_not_equal(alu.chains[chain], before.chains[chain], bytes);
			assert_memory_equal(alu.chains[chain] + bytes - 4,
					    alu.chains[chain] + (bytes > 8 ? 0 : bytes - 4), 4);
			if (bytes < ALU_BYTES_MAX)
				assert_memory_equal(alu.chains[chain] + bytes,
						    before.chains[chain] + bytes,
						    ALU_BYTES_MAX - bytes);
		}
	}
}

static void alu_hot_says_which_width_it_has_instead(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(alu_hot, .width = KTSTR_ALU_AMX));

	(void)state;
	assert_contains(solo->worker.work_error, "width amx is more than this machine has: vec");
	solo_free(solo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compute_counts_units_and_costs),
		cmocka_unit_test(smt_sibling_spin_comes_in_pairs),
		cmocka_unit_test(ipc_variance_names_the_zero_parameter),
		cmocka_unit_test(ipc_variance_is_hot_then_cold),
		cmocka_unit_test(ipc_variance_that_is_cut_short_is_no_sample),
		cmocka_unit_test(alu_resolve_gives_a_width_of_the_machine),
		cmocka_unit_test(alu_run_changes_its_registers),
		cmocka_unit_test(alu_hot_says_which_width_it_has_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
