// SPDX-License-Identifier: GPL-2.0-only
#include "base/kernel_parameter.h"
#include "unit.h"

static const struct {
	const char *cmdline, *value;
} cmdlines[] = {
	{ "console=ttyS0 ktstr.topology=1n2l2c1t quiet\n", "1n2l2c1t" },
	{ "ktstr.topology=1n1l1c1t", "1n1l1c1t" },
	{ "ktstr.topology=1n1l1c1t ktstr.topology=2n2l1c1t\n", "2n2l1c1t" },
	{ "ktstr.topology=", "" },
	{ "ktstr.topology", NULL },
	{ "xktstr.topology=1n1l1c1t ktstr.topology2=2n2l1c1t", NULL },
	{ "", NULL },
	{ " \n", NULL },
	{ "ktstr.topology=0123456789012345678901234567890123456789", "0123456789012345678901234567890" },
};

static void kernel_parameter_matches_whole_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cmdlines); i++) {
		char value[32] = "untouched";
		bool found = kernel_parameter(cmdlines[i].cmdline, PARAMETER_TOPOLOGY, value,
					      sizeof(value));

		assert_int_equal(found, cmdlines[i].value != NULL);
		assert_string_equal(value, cmdlines[i].value ? cmdlines[i].value : "untouched");
	}
}

static void kernel_parameter_is_given_looks_at_the_running_kernel(void **state)
{
	(void)state;
	assert_false(kernel_parameter_is_given("ktstr.no_such_parameter"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_parameter_matches_whole_words),
		cmocka_unit_test(kernel_parameter_is_given_looks_at_the_running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
