// SPDX-License-Identifier: GPL-2.0-only
/* Reading RESUME. What it does to a kernel is for tests/vm: here it would set this machine's clock. */
#include <errno.h>

#include "guest/resume.h"
#include "unit.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

static void resume_request_parse_reads_time_and_entropy(void **state)
{
	json_t *message = json_loads("{\"id\": 3, \"realtime_ns\": 1795255553123456789, "
				     "\"entropy\": \"" HEX32 "\"}", 0, NULL);
	struct resume_request request;

	(void)state;
	assert_int_equal(resume_request_parse(message, &request, NULL), 0);
	assert_int_equal(request.id, 3);
	assert_true(request.realtime_ns == UINT64_C(1795255553123456789));
	assert_int_equal(request.entropy_size, 32);
	for (int i = 0; i < 31; i++)
		assert_int_equal(request.entropy[i], i);
	assert_int_equal(request.entropy[31], 255);
	json_decref(message);
}

static void resume_request_parse_names_the_field_at_fault(void **state)
{
	static const struct {
		const char *text, *part;
		json_int_t id;
	} cases[] = {
		{ "{}", "'id' is missing", 0 },
		{ "{\"id\": 3}", "'realtime_ns' is missing", 3 },
		{ "{\"id\": 3, \"realtime_ns\": 0, \"entropy\": \"" HEX32 "\"}", "is not above 0", 3 },
		{ "{\"id\": 3, \"realtime_ns\": -5, \"entropy\": \"" HEX32 "\"}", "is not above 0", 3 },
		{ "{\"id\": 3, \"realtime_ns\": 1}", "'entropy' is missing", 3 },
		{ "{\"id\": 3, \"realtime_ns\": 1, \"entropy\": \"\"}", "has 0 hex digits, not 64..=1024", 3 },
		{ "{\"id\": 3, \"realtime_ns\": 1, \"entropy\": \"" HEX32 "0\"}", "has 65 hex digits", 3 },
		{ "{\"id\": 3, \"realtime_ns\": 1, \"entropy\": \"" HEX32 "0g\"}", "no hex digit", 3 },
		{ "{\"id\": 3, \"realtime_ns\": 1, \"entropy\": \"" HEX32 "AB\"}", "no hex digit", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *message = json_loads(cases[i].text, 0, NULL);
		struct resume_request request;
		struct ktstr_error error = { 0 };

		assert_int_equal(resume_request_parse(message, &request, &error), -EBADMSG);
		assert_contains(error.text, "message RESUME: ");
		assert_contains(error.text, cases[i].part);
		assert_int_equal(request.id, cases[i].id);
		json_decref(message);
	}
}

/* The pool of the kernel takes no more at once than the limit says. */
static void resume_request_parse_bounds_the_entropy(void **state)
{
	char hex[2 * RESUME_ENTROPY_MAX + 3];
	struct resume_request request;
	struct ktstr_error error = { 0 };
	json_t *message;

	(void)state;
	memset(hex, 'a', sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	message = json_pack("{s:i, s:i, s:s}", "id", 1, "realtime_ns", 1, "entropy", hex);
	assert_int_equal(resume_request_parse(message, &request, &error), -EBADMSG);
	assert_contains(error.text, "has 1026 hex digits");
	json_object_set_new(message, "entropy", json_string(hex + 2));
	assert_int_equal(resume_request_parse(message, &request, &error), 0);
	assert_int_equal(request.entropy_size, RESUME_ENTROPY_MAX);
	json_decref(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resume_request_parse_reads_time_and_entropy),
		cmocka_unit_test(resume_request_parse_names_the_field_at_fault),
		cmocka_unit_test(resume_request_parse_bounds_the_entropy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
