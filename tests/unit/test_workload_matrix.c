// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "workload/work/matrix.h"

/* Claim 64, and the ends of the range. */
static void matrix_dimension_is_the_largest_that_fits(void **state)
{
	static const struct {
		unsigned footprint_kib, operations, dimension;
	} rows[] = {
		{ 256, 5, 104 }, { 64, 5, 52 }, { 1024, 5, 209 },	   { 256, 0, 0 },
		{ 0, 5, 0 },	 { 1, 5, 6 },	{ UINT32_MAX, 1, 428079 }, { 256, 1, 104 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(matrix_dimension(rows[i].footprint_kib, rows[i].operations),
				 rows[i].dimension);
	assert_int_equal(matrix_bytes(104), 104 * 104 * 3 * 8);
	assert_int_equal(matrix_bytes(0), 0);
}

static void matrix_multiply_gives_the_product(void **state)
{
	/* A, B, C of 2 x 2. */
	uint64_t matrices[12] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const uint64_t product[4] = { 19, 22, 43, 50 };
	uint64_t zeros[3 * 9] = { 0 };

	(void)state;
	assert_int_equal(matrix_multiply(matrices, 2), 19);
	assert_memory_equal(matrices + 8, product, sizeof(product));
	assert_int_equal(matrix_multiply(zeros, 3), 0);
	assert_int_equal(matrix_multiply(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix_dimension_is_the_largest_that_fits),
		cmocka_unit_test(matrix_multiply_gives_the_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
