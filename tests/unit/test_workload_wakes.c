// SPDX-License-Identifier: GPL-2.0-only
/* How many the kinds that wait on a shared word wake at once: one, or all that wait. */
#include <linux/futex.h>
#include <stdarg.h>

#include "test_work.h"

/* The linker puts this in the place of the real one wherever the engine calls it. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static unsigned last_woken; /* the most that the last FUTEX_WAKE would have woken */

long __wrap_syscall(long number, ...)
{
	long arguments[6];
	va_list list;

	va_start(list, number);
	for (size_t i = 0; i < COUNT(arguments); i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_futex && (int)arguments[1] == FUTEX_WAKE)
		last_woken = (unsigned)arguments[2];
	return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
			      arguments[4], arguments[5]);
}

/* The first worker of a cohort, whose pass ends without a partner or with the stop. */
static unsigned wakes_of(struct ktstr_work work, bool stopping)
{
	struct solo *solo = solo_new_of(work, ktstr_work_group_size(&work));
	unsigned woken;

	last_woken = 0;
	if (stopping)
		solo_stop(solo);
	solo_pass(solo);
	woken = last_woken;
	solo_free(solo);
	return woken;
}

static void messengers_wake_all_and_partners_one(void **state)
{
	const struct {
		struct ktstr_work work;
		bool stopping; /* it waits for a partner at the end of the pass */
		unsigned woken;
	} rows[] = {
		{ KTSTR_WORK(futex_ping_pong), true, 1 },
		{ KTSTR_WORK(futex_fan_out), false, 4 },
		{ KTSTR_WORK(futex_fan_out, .fan_out = 9), false, 9 },
		{ KTSTR_WORK(fan_out_compute, .fan_out = 7), false, 7 },
		{ KTSTR_WORK(thundering_herd, .batches = 1, .inter_batch_ms = 1), false, INT_MAX },
		{ KTSTR_WORK(mutex_contention), false, 1 },
		{ KTSTR_WORK(asymmetric_waker), false, 1 },
		{ KTSTR_WORK(wake_chain, .wake = KTSTR_WAKE_FUTEX), false, INT_MAX },
		{ KTSTR_WORK(producer_consumer_imbalance, .produce_rate_hz = KTSTR_ZERO), false,
		  1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("row: %s\n", ktstr_work_name(&rows[i].work));
		assert_int_equal(wakes_of(rows[i].work, rows[i].stopping), rows[i].woken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messengers_wake_all_and_partners_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
