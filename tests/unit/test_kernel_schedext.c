// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <errno.h>

#include "unit.h"
#include "vm/kernel/schedext.h"

/* One function of the made-up BTF: its name, and its last argument after an int. */
static const struct {
	const char *function, *argument; /* argument NULL: only the int */
	bool const_pointer, points_to_int;
	bool hidden; /* expected: an argument that should have been hidden */
} functions[] = {
	{ "scx_bpf_kick_cpu", NULL, false, false, false },
	{ "scx_bpf_kick_cpu", "aux", true, false, true },
	{ "scx_bpf_kick_cpu", "aux", false, false, true },
	{ "scx_bpf_kick_cpu_impl", "aux", true, false, false },
	{ "scx_bpf_kick_cpu", "aux__prog", true, false, false }, /* 6.18's explicit convention */
	{ "scx_bpf_kick_cpu", "aux__ign", true, false, false },
	{ "scx_bpf_kick_cpu", "aux", true, true, false }, /* a pointer to something else */
	{ "bpf_other", "aux", true, false, false },
};

static void add_function(struct btf *btf, size_t row)
{
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int target = functions[row].points_to_int ? number
						  : btf__add_struct(btf, "bpf_prog_aux", 0);
	int pointer;
	int proto;

	if (functions[row].const_pointer)
		target = btf__add_const(btf, target);
	pointer = btf__add_ptr(btf, target);
	proto = btf__add_func_proto(btf, number);
	btf__add_func_param(btf, "cpu", number);
	if (functions[row].argument)
		btf__add_func_param(btf, functions[row].argument, pointer);
	assert_true(btf__add_func(btf, functions[row].function, BTF_FUNC_STATIC, proto) > 0);
}

static void sched_ext_judge_finds_hidden_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(functions); i++) {
		struct sched_ext_support support;
		struct btf *btf = btf__new_empty();
		const void *raw;
		__u32 size;

		add_function(btf, i);
		raw = btf__raw_data(btf, &size);
		assert_int_equal(sched_ext_judge("CONFIG_SCHED_CLASS_EXT=y\n", raw, size, &support,
						 NULL),
				 0);
		assert_true(support.compiled_in);
		if (support.usable == functions[i].hidden)
			fail_msg("row %zu: %s", i, support.reason);
		if (functions[i].hidden)
			assert_contains(support.reason,
					"1 scx_bpf_* kfuncs (scx_bpf_kick_cpu, ...)");
		else
			assert_string_equal(support.reason, "");
		btf__free(btf);
	}
}

static const struct {
	const char *config; /* NULL: not known */
	bool has_btf, has_ops;
	bool compiled_in, usable;
	const char *reason;
} builds[] = {
	{ "CONFIG_SMP=y\nCONFIG_SCHED_CLASS_EXT=y", true, true, true, true, "" },
	{ "CONFIG_SCHED_CLASS_EXT=y\n", false, false, true, false, "CONFIG_DEBUG_INFO_BTF" },
	{ "# CONFIG_SCHED_CLASS_EXT is not set\n", true, false, false, false, "not compiled in" },
	{ "CONFIG_SCHED_CLASS_EXT=yes\n", true, false, false, false, "not compiled in" },
	{ "#CONFIG_SCHED_CLASS_EXT=y\n", true, false, false, false, "not compiled in" },
	{ "", true, true, false, false, "not compiled in" },
	{ NULL, true, true, true, true, "" },
	{ NULL, true, false, false, false, "not compiled in" },
	{ NULL, false, false, false, false, "not known" },
};

static void sched_ext_judge_weighs_configuration_and_btf(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(builds); i++) {
		struct sched_ext_support support;
		struct btf *btf = btf__new_empty();
		const void *raw;
		__u32 size;

		btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
		if (builds[i].has_ops)
			btf__add_struct(btf, "sched_ext_ops", 0);
		raw = btf__raw_data(btf, &size);
		assert_int_equal(sched_ext_judge(builds[i].config, builds[i].has_btf ? raw : NULL,
						 size, &support, NULL),
				 0);
		assert_int_equal(support.compiled_in, builds[i].compiled_in);
		assert_int_equal(support.usable, builds[i].usable);
		assert_contains(support.reason, builds[i].reason);
		assert_int_equal(!*support.reason, builds[i].usable);
		btf__free(btf);
	}
}

static void sched_ext_judge_refuses_damaged_btf(void **state)
{
	struct sched_ext_support support;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_true(sched_ext_judge(NULL, "damaged", 7, &support, &error) < 0);
	assert_contains(error.text, "BTF of 7 bytes is damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sched_ext_judge_finds_hidden_arguments),
		cmocka_unit_test(sched_ext_judge_weighs_configuration_and_btf),
		cmocka_unit_test(sched_ext_judge_refuses_damaged_btf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
