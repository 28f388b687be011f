// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "check/verdict_json.h"
#include "harness/channel.h"
#include "harness/request.h"
#include "wire/frame.h"

#include "unit.h"

static void run_request_parse_reads_the_run_message(void **state)
{
	struct run_request request = { 0 };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(run_request_parse("{\"id\": 3, \"binary\": \"/x\", \"test\": \"t\","
					   "\"duration_ms\": 500, \"workers_per_cgroup\": 2,"
					   "\"check\": {\"max_gap_ms\": 7}, \"scheduler\": null}",
					   &request, &error),
			 0);
	assert_int_equal(request.duration_ms, 500);
	assert_int_equal(request.workers_per_cgroup, 2);
	assert_int_equal(request.check.max_gap_ms, 7);
	assert_false(request.scheduler);
	assert_int_equal(run_request_parse("{\"duration_ms\": 500, \"workers_per_cgroup\": 2,"
					   "\"check\": {}, \"scheduler\": {\"name\": \"x\"}}",
					   &request, &error),
			 0);
	assert_true(request.scheduler);
	assert_false(request.has_work);
	assert_string_equal(request.cgroup_parent, "");
}

static void run_request_parse_reads_work_and_where_to_run(void **state)
{
	struct run_request request = { 0 };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(
		run_request_parse("{\"duration_ms\": 500, \"workers_per_cgroup\": 2,"
				  "\"check\": {}, \"scheduler\": null, \"work\": \"Bursty\","
				  "\"host\": {\"cgroup_parent\": \"/r/p\", \"walk_root\": \"/r\"}}",
				  &request, &error),
		0);
	assert_true(request.has_work);
	assert_ptr_equal(request.work.ops, &ktstr_work_bursty);
	assert_string_equal(request.cgroup_parent, "/r/p");
	assert_string_equal(request.walk_root, "/r");
	assert_int_equal(run_request_parse("{\"duration_ms\": 500, \"workers_per_cgroup\": 2,"
					   "\"check\": {}, \"scheduler\": null}",
					   &request, &error),
			 0);
	assert_false(request.has_work);
}

static void run_request_parse_names_the_field(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "", "not JSON" },
		{ "[]", "object" },
		{ "{\"workers_per_cgroup\": 2, \"check\": {}, \"scheduler\": null}",
		  "duration_ms" },
		{ "{\"duration_ms\": 0, \"workers_per_cgroup\": 2, \"check\": {}, \"scheduler\": "
		  "null}",
		  "duration_ms 0" },
		{ "{\"duration_ms\": 1, \"workers_per_cgroup\": -2, \"check\": {}, \"scheduler\": "
		  "null}",
		  "workers_per_cgroup -2" },
		{ "{\"duration_ms\": 1, \"workers_per_cgroup\": 1, \"check\": {}, \"scheduler\": "
		  "null, "
		  "\"work\": \"bursty\"}",
		  "no kind of work 'bursty', nearest is 'Bursty'" },
		{ "{\"duration_ms\": 1, \"workers_per_cgroup\": 1, \"check\": {}, \"scheduler\": "
		  "null, "
		  "\"host\": {\"cgroup_parent\": \"p\", \"walk_root\": \"/\"}}",
		  "absolute paths" },
		{ "{\"duration_ms\": 1, \"workers_per_cgroup\": 1, \"check\": 5, \"scheduler\": "
		  "null}",
		  "check" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run_request request;
		struct ktstr_error error = { 0 };

		assert_int_equal(run_request_parse(cases[i].text, &request, &error), -EBADMSG);
		assert_contains(error.text, cases[i].part);
	}
}

/* What arrives at the other end of a pipe; the caller frees. */
static struct verdict *send_and_receive(const struct verdict *sent)
{
	struct frame_reader *reader = NULL;
	struct verdict *received = NULL;
	struct ktstr_error error = { 0 };
	struct frame frame;
	json_t *json;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
	assert_int_equal(channel_send_result(fds[1], sent, &error), 0);
	close(fds[1]);
	assert_int_equal(frame_reader_new(&reader, &error), 0);
	while (frame_reader_fill(reader, fds[0]) > 0)
		;
	close(fds[0]);
	assert_int_equal(frame_reader_next(reader, &frame, &error), 1);
	assert_int_equal(frame.type, MESSAGE_RESULT);
	json = json_loadb((const char *)frame.payload, frame.length, 0, NULL);
	assert_non_null(json);
	assert_int_equal(verdict_from_json(json, &received, &error), 0);
	json_decref(json);
	frame_reader_free(reader);
	return received;
}

static void channel_send_result_sends_the_verdict(void **state)
{
	struct verdict *sent = verdict_new(), *received;

	(void)state;
	verdict_add(sent, VERDICT_FAIL, DETAIL_STUCK, "tid 5 stuck");
	verdict_note(sent, "a note");
	received = send_and_receive(sent);
	assert_int_equal(verdict_outcome(received), VERDICT_FAIL);
	assert_string_equal(verdict_terminal(received)->message, "tid 5 stuck");
	verdict_free(received);
	verdict_free(sent);
}

static void channel_send_result_cuts_what_no_frame_holds(void **state)
{
	struct verdict *sent = verdict_new(), *received;
	char *const *notes;
	char filler[1001];

	(void)state;
	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	for (int i = 0; i < 1200; i++)
		verdict_note(sent, "%s", filler);
	verdict_add(sent, VERDICT_FAIL, DETAIL_UNFAIR, "unfair cgroup");
	received = send_and_receive(sent);
	assert_int_equal(verdict_outcome(received), VERDICT_FAIL);
	assert_string_equal(verdict_terminal(received)->message, "unfair cgroup");
	assert_int_equal(verdict_terminal(received)->kind, DETAIL_UNFAIR);
	assert_int_equal(verdict_notes(received, &notes), 1);
	assert_contains(notes[0], "1048576 bytes");
	verdict_free(received);
	verdict_free(sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_request_parse_reads_the_run_message),
		cmocka_unit_test(run_request_parse_reads_work_and_where_to_run),
		cmocka_unit_test(run_request_parse_names_the_field),
		cmocka_unit_test(channel_send_result_sends_the_verdict),
		cmocka_unit_test(channel_send_result_cuts_what_no_frame_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
