// SPDX-License-Identifier: GPL-2.0-only
#include "guest/hello.h"
#include "unit.h"
#include "wire/message.h"

static const char *topology_error(json_t *hello)
{
	return json_string_value(json_object_get(json_object_get(hello, "topology"), "error"));
}

static void hello_new_compares_the_machine_with_what_was_asked(void **state)
{
	struct boot_phases phases = { 0 };
	json_t *hello;

	(void)state;
	boot_phase_mark(&phases, "init");
	hello = hello_new("ktstr.topology=5n55l1c1t", &phases); /* not the machine of any of us */
	assert_int_equal(json_integer_value(json_object_get(hello, "protocol")), WIRE_PROTOCOL);
	assert_contains(topology_error(hello), "5n55l1c1t");
	assert_int_equal(json_array_size(json_object_get(hello, "phases")), 2);
	assert_true(json_integer_value(json_object_get(hello, "uptime_us")) > 0);
	json_decref(hello);

	phases.count = 0;
	hello = hello_new("ktstr.topology=many", &phases);
	assert_contains(topology_error(hello), "many");
	json_decref(hello);

	phases.count = 0;
	hello = hello_new("quiet", &phases);
	assert_null(topology_error(hello));
	assert_true(json_is_null(json_object_get(json_object_get(hello, "topology"), "asked")));
	json_decref(hello);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_new_compares_the_machine_with_what_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
