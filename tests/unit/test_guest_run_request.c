// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "guest/run_request.h"
#include "unit.h"

#define REST "\"duration_ms\": 1, \"workers_per_cgroup\": 1, \"verbose\": false, \"check\": {}"

static void run_request_parse_reads_a_request(void **state)
{
	json_t *message = json_loads("{\"id\": 3, \"binary\": \"/t\", \"test\": \"a\", "
				     "\"timeout_ms\": 500, \"scheduler\": {\"name\": \"s\", "
				     "\"object\": \"/s.o\", \"struct_ops\": \"m\"}, " REST "}", 0, NULL);
	struct run_request request;

	(void)state;
	assert_int_equal(run_request_parse(message, &request, NULL), 0);
	assert_int_equal(request.id, 3);
	assert_int_equal(request.timeout_ms, 500);
	assert_string_equal(request.binary, "/t");
	assert_string_equal(request.test, "a");
	assert_string_equal(request.scheduler.name, "s");
	assert_string_equal(request.scheduler.object, "/s.o");
	assert_string_equal(request.scheduler.struct_ops, "m");
	json_object_set_new(json_object_get(message, "scheduler"), "struct_ops", json_null());
	assert_int_equal(run_request_parse(message, &request, NULL), 0);
	assert_null(request.scheduler.struct_ops);
	json_object_set_new(message, "scheduler", json_null());
	assert_int_equal(run_request_parse(message, &request, NULL), 0);
	assert_null(request.scheduler.name);
	json_decref(message);
}

static const struct {
	const char *field, *value, *names;
} broken[] = {
	{ "binary", "\"t\"", "'t' is not an absolute path" },
	{ "binary", NULL, "'binary' is missing" },
	{ "test", "null", "test" },
	{ "timeout_ms", "0", "'timeout_ms' is 0" },
	{ "timeout_ms", "-1", "'timeout_ms' is -1" },
	{ "timeout_ms", "\"1s\"", "'timeout_ms' is something else, not a number" },
	{ "scheduler", "{\"name\": \"s\"}", "object" },
	{ "scheduler", "{\"name\": \"s\", \"object\": \"/o\", \"struct_ops\": 1}", "struct_ops" },
	{ "scheduler", "7", "neither an object nor null" },
	{ "scheduler", NULL, "neither an object nor null" },
};

static void run_request_parse_names_the_field_and_keeps_the_id(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		json_t *message = json_loads("{\"id\": 3, \"binary\": \"/t\", \"test\": \"a\", "
					     "\"timeout_ms\": 500, \"scheduler\": null, " REST "}", 0,
					     NULL);
		struct ktstr_error error = { 0 };
		struct run_request request;

		if (broken[i].value)
			json_object_set_new(message, broken[i].field,
					    json_loads(broken[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(message, broken[i].field);
		assert_int_equal(run_request_parse(message, &request, &error), -EBADMSG);
		assert_contains(error.text, "message RUN");
		assert_contains(error.text, broken[i].names);
		assert_int_equal(request.id, 3);
		json_decref(message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_request_parse_reads_a_request),
		cmocka_unit_test(run_request_parse_names_the_field_and_keeps_the_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
