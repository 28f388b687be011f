// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "unit.h"
#include "vm/kernel_cmdline.h"

static const struct accel tcg = { .kind = ACCEL_TCG };
static const struct accel kvm = { .kind = ACCEL_KVM };

static char *build(const struct accel *accel, bool verbose, const char *const *args, size_t count)
{
	const struct vm_config config = { .topology = { 2, 4, 2, 1 }, .accel = accel,
					  .verbose = verbose, .kernel_args = args,
					  .kernel_args_count = count };
	char *text;

	assert_int_equal(kernel_cmdline_build(&config, &text, NULL), 0);
	return text;
}

static void kernel_cmdline_build_tells_the_kernel_what_it_runs_on(void **state)
{
	char *text = build(&tcg, false, NULL, 0);

	(void)state;
	assert_int_equal(strncmp(text, "ktstr.topology=2n4l2c1t ", 24), 0);
	assert_contains(text, " console=ttyS0 ");
	assert_contains(text, " rdinit=/init ");
	assert_contains(text, " panic=-1 ");
	assert_contains(text, " loglevel=5 ");
	assert_contains(text, " tsc=reliable");
	assert_null(strstr(text, "earlyprintk"));
	free(text);

	text = build(&kvm, true, NULL, 0);
	assert_contains(text, " loglevel=7 ");
	assert_contains(text, " earlyprintk=serial ");
	assert_null(strstr(text, "loglevel=5"));
	assert_null(strstr(text, "tsc="));
	assert_null(strstr(text, "lpj="));
	free(text);
}

static void kernel_cmdline_build_tells_the_agent_of_devices(void **state)
{
	struct vm_config config = { .topology = { 1, 1, 2, 1 }, .accel = &tcg };
	char *text;

	(void)state;
	assert_int_equal(kernel_cmdline_build(&config, &text, NULL), 0);
	assert_null(strstr(text, "ktstr.disk_mib"));
	assert_null(strstr(text, "ktstr.network"));
	assert_null(strstr(text, "ipv6"));
	free(text);
	config.devices = (struct vm_devices){ .disk_mib = 64, .network = true };
	assert_int_equal(kernel_cmdline_build(&config, &text, NULL), 0);
	assert_contains(text, " ktstr.disk_mib=64 ");
	assert_contains(text, " ktstr.network=1");
	assert_contains(text, " sysctl.net.ipv6.conf.default.disable_ipv6=1 ");
	free(text);
}

static void kernel_cmdline_build_lets_users_have_the_last_word(void **state)
{
	const char *const args[] = { "mitigations=auto", "consoleblank=0" };
	char *text = build(&tcg, false, args, COUNT(args));

	(void)state;
	assert_contains(text, " mitigations=off ");
	assert_contains(text, " mitigations=auto consoleblank=0");
	assert_string_equal(text + strlen(text) - 15, " consoleblank=0");
	free(text);
}

static void kernel_cmdline_build_refuses_what_would_break_the_vm(void **state)
{
	static char long_arg[2100];
	const struct {
		const char *arg;
		int code;
		const char *names;
	} refused[] = {
		{ "console=ttyS1", -EINVAL, "'console' is set by ktstr" },
		{ "loglevel=3", -EINVAL, "'loglevel'" },
		{ "rdinit=/bin/sh", -EINVAL, "'rdinit'" },
		{ "ktstr.topology=1n1l1c1t", -EINVAL, "'ktstr.topology'" },
		{ "ktstr.disk_mib=1", -EINVAL, "'ktstr.disk_mib'" },
		{ "ktstr.network=1", -EINVAL, "'ktstr.network'" },
		{ "loglevel", -EINVAL, "'loglevel'" },
		{ "", -EINVAL, "empty" },
		{ "quiet console=ttyS1", -EINVAL, "white space" },
		{ "a\nb", -EINVAL, "control" },
		{ long_arg, -E2BIG, "2047" },
	};

	(void)state;
	memset(long_arg, 'x', sizeof(long_arg) - 1);
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct vm_config config = { .topology = { 1, 1, 1, 1 }, .accel = &tcg,
						  .kernel_args = &refused[i].arg,
						  .kernel_args_count = 1 };
		struct ktstr_error error = { 0 };
		char *text = NULL;

		assert_int_equal(kernel_cmdline_build(&config, &text, &error), refused[i].code);
		assert_contains(error.text, refused[i].names);
		assert_null(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_cmdline_build_tells_the_kernel_what_it_runs_on),
		cmocka_unit_test(kernel_cmdline_build_tells_the_agent_of_devices),
		cmocka_unit_test(kernel_cmdline_build_lets_users_have_the_last_word),
		cmocka_unit_test(kernel_cmdline_build_refuses_what_would_break_the_vm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
