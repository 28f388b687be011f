// SPDX-License-Identifier: GPL-2.0-only
/* NetTraffic and IrqWake without an interface; with one they run in tests/vm/device_work.c. */
#include "workload/work/net_frame.h"

#include "test_work.h"

/* Claim 71, the frame. */
static void net_frame_build_writes_header_mark_and_zeroes(void **state)
{
	static const uint8_t mac[] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	static const uint8_t start[] = {
		0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55,
		0x88, 0xb5, 'K',  'T',	'S',  'T',
	};
	uint8_t frame[NET_FRAME_MAX_BYTES + 1];

	(void)state;
	for (size_t bytes = NET_FRAME_MIN_BYTES; bytes <= NET_FRAME_MAX_BYTES; bytes += 727) {
		memset(frame, 0xee, sizeof(frame));
		net_frame_build(frame, bytes, mac);
		assert_memory_equal(frame, start, sizeof(start));
		for (size_t i = sizeof(start); i < bytes; i++)
			assert_int_equal(frame[i], 0);
		assert_int_equal(frame[bytes], 0xee);
	}
}

/* Claim 71, the sizes. */
static void net_work_takes_frames_of_ethernet_only(void **state)
{
	static const unsigned taken[] = { 60, 1514 }, refused[] = { KTSTR_ZERO, 59, 1515 };

	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++)
		solo_free(solo_new(KTSTR_WORK(net_traffic, .frame_bytes = taken[i])));
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_work work = KTSTR_WORK(irq_wake, .frame_bytes = refused[i]);
		struct ktstr_workload_config pair = { .num_workers = 2, .work = work };
		struct ktstr_workload *workload = NULL;
		struct ktstr_error error = { 0 };

		assert_work_refused(KTSTR_WORK(net_traffic, .frame_bytes = refused[i]),
				    "NetTraffic (group 0): frame_bytes ");
		assert_int_equal(ktstr_workload_spawn(&pair, &workload, &error), -EINVAL);
		assert_contains(error.text, "IrqWake (group 0): frame_bytes ");
		assert_contains(error.text, "out of range 60..=1514");
	}
}

static void irq_wake_comes_in_pairs(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(irq_wake), "IrqWake (group 0) requires num_workers divisible by "
						  "2, got 1");
}

/*
 * Claim 70, without an interface. This machine may well have one, and the right to use it: it is
 * not that of a test, so no frame leaves by it.
 */
static void net_work_without_an_interface_idles(void **state)
{
	const struct ktstr_work works[] = {
		KTSTR_WORK(net_traffic),
		KTSTR_WORK(net_traffic, .interval_us = KTSTR_ZERO),
		KTSTR_WORK(irq_wake),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++) {
		struct ktstr_reports *reports = run_work(works[i], 2, 3);

		for (size_t k = 0; k < reports->count; k++) {
			const struct ktstr_worker_report *report = &reports->reports[k];

			assert_true(report->completed);
			assert_int_equal(report->work_units, 0);
			assert_int_equal(filled_vectors(report), NO_SAMPLES);
			assert_contains(report->work_error, ".network = true");
			assert_true(report->cpu_time_ns < report->wall_time_ns);
		}
		ktstr_reports_free(reports);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(net_frame_build_writes_header_mark_and_zeroes),
		cmocka_unit_test(net_work_takes_frames_of_ethernet_only),
		cmocka_unit_test(irq_wake_comes_in_pairs),
		cmocka_unit_test(net_work_without_an_interface_idles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
