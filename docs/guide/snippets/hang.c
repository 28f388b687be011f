// SPDX-License-Identifier: GPL-2.0-only
/* A test that does not end by itself. */
#include <stdio.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

KTSTR_TEST(waits_for_nothing, .timeout_ms = 2000)
{
	(void)ctx;
	printf("waiting\n");
	fflush(stdout);
	while (pause() < 0)
		;
	return 0;
}
