// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "unit.h"
#include "vm/accel.h"

static const struct {
	const char *text;
	bool virtualization;
} cpuinfos[] = {
	{ "", false },
	{ "processor\t: 0\nflags\t\t: fpu vme svm lahf_lm\n", true },
	{ "flags\t\t: vmx", true },
	{ "flags\t\t: fpu avx512_vmx svm_lock\n", false }, /* only whole words count */
	{ "model name\t: svm vmx\nflags\t\t: fpu\n", false },
	{ "vmx flags\t: vnmi vmx\nflags\t\t: fpu\n", false },
	{ "flags\t\t: fpu\n\nflags\t\t: fpu svm\n", true },
};

static void accel_cpuinfo_has_virtualization_reads_flags_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cpuinfos); i++)
		assert_int_equal(accel_cpuinfo_has_virtualization(cpuinfos[i].text),
				 cpuinfos[i].virtualization);
}

static void accel_parse_names_the_choices(void **state)
{
	struct ktstr_error error = { 0 };
	enum accel_kind kind;

	(void)state;
	for (int i = ACCEL_AUTO; i <= ACCEL_TCG; i++) {
		assert_int_equal(accel_parse(accel_kind_str((enum accel_kind)i), &kind, NULL), 0);
		assert_int_equal(kind, i);
	}
	assert_int_equal(accel_parse("hvf", &kind, &error), -EINVAL);
	assert_contains(error.text, "'hvf'");
	assert_contains(error.text, "kvm, tcg, auto");
}

static void accel_choose_runs_old_qemu_in_one_thread(void **state)
{
	const struct qemu old = { .path = "q", .major = 8, .minor = 0 };
	const struct qemu fixed = { .path = "q", .major = 8, .minor = 1 };
	struct accel accel;

	(void)state;
	assert_int_equal(accel_choose(ACCEL_TCG, &old, &accel, NULL), 0);
	assert_int_equal(accel.kind, ACCEL_TCG);
	assert_false(accel.parallel);
	assert_contains(accel.reason, "8.1");
	assert_int_equal(accel_choose(ACCEL_TCG, &fixed, &accel, NULL), 0);
	assert_true(accel.parallel);
}

/* What it says depends on the machine; that the two wishes agree about KVM does not. */
static void accel_choose_refuses_kvm_exactly_where_auto_avoids_it(void **state)
{
	const struct qemu qemu = { .path = "q", .major = 10 };
	struct ktstr_error error = { 0 };
	struct accel automatic, kvm;

	(void)state;
	assert_int_equal(accel_choose(ACCEL_AUTO, &qemu, &automatic, &error), 0);
	if (automatic.kind == ACCEL_KVM) {
		assert_int_equal(accel_choose(ACCEL_KVM, &qemu, &kvm, &error), 0);
		return;
	}
	assert_int_equal(accel_choose(ACCEL_KVM, &qemu, &kvm, &error), -ENODEV);
	assert_true(strlen(automatic.reason) > 0);
	assert_contains(error.text, automatic.reason);
	assert_contains(error.text, "--accel tcg");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accel_cpuinfo_has_virtualization_reads_flags_only),
		cmocka_unit_test(accel_parse_names_the_choices),
		cmocka_unit_test(accel_choose_runs_old_qemu_in_one_thread),
		cmocka_unit_test(accel_choose_refuses_kvm_exactly_where_auto_avoids_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
