// SPDX-License-Identifier: GPL-2.0-only
/* What pool.c runs: 50 tests that hold for no time, and VMs that stay to be looked at. */
#include <unistd.h>

#include <ktstr/ktstr.h>

#define EMPTY(number)                   \
	KTSTR_TEST(empty_##number)      \
	{                               \
		(void)ctx;              \
		return 0;               \
	}
#define TEN(tens)                                                                           \
	EMPTY(tens##0) EMPTY(tens##1) EMPTY(tens##2) EMPTY(tens##3) EMPTY(tens##4)          \
	EMPTY(tens##5) EMPTY(tens##6) EMPTY(tens##7) EMPTY(tens##8) EMPTY(tens##9)

TEN(0) TEN(1) TEN(2) TEN(3) TEN(4)

#define STAY(number)                                        \
	KTSTR_TEST(stay_##number, .timeout_ms = 300000)     \
	{                                                   \
		(void)ctx;                                  \
		while (pause() < 0)                         \
			;                                   \
		return 0;                                   \
	}

STAY(1) STAY(2) STAY(3) STAY(4)
