// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "vm/kernel/release.h"

/* Oldest first; every pair is compared, both ways. */
static const char *const by_age[] = {
	"5.10.0",
	"6.1.0-9-cloud-amd64",
	"6.1.0-50-cloud-amd64",
	"6.9.1",
	"6.12.0-rc3",
	"6.12.0-rc12",
	"6.12.0",
	"6.12.0+deb13",
	"6.12.9+deb13-cloud-amd64",
	"6.12.90+deb12-cloud-amd64",
	"6.12.90+deb12.1-cloud-amd64",
	"6.12.95+deb12-cloud-amd64",
	"7.0~rc4-amd64",
	"7.0-amd64",
	"7.2.12+deb13-cloud-amd64",
	"7.2.13+deb14-cloud-amd64",
	"10.0.0",
};

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void release_compare_orders_by_age(void **state)
{
	(void)state;
	for (int i = 0; i < (int)COUNT(by_age); i++)
		for (int j = 0; j < (int)COUNT(by_age); j++)
			if (sign(release_compare(by_age[i], by_age[j])) != sign(i - j))
				fail_msg("%s and %s: %d", by_age[i], by_age[j],
					 release_compare(by_age[i], by_age[j]));
}

static void release_compare_ignores_leading_zeros(void **state)
{
	(void)state;
	assert_int_equal(release_compare("6.01.0", "6.1.0"), 0);
	assert_int_equal(release_compare("", ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(release_compare_orders_by_age),
		cmocka_unit_test(release_compare_ignores_leading_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
