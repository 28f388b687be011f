// SPDX-License-Identifier: GPL-2.0-only
/* A test binary that describes itself on the host and crashes in the guest before its main(). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <ktstr/ktstr.h>

__attribute__((constructor)) static void crash_in_the_guest(void)
{
	if (!getenv("KTSTR_CHANNEL_FD"))
		return;
	fputs("this is the constructor\n", stderr);
	raise(SIGSEGV);
}

KTSTR_TEST(never_runs, .topology = { .llcs = 1, .cores = 2 }, .memory_mib = 256)
{
	(void)ctx;
	return 0;
}
