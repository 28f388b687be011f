/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/mman.h>

/*
 * Have every page of this process there, written where it can be, as far as it may lock memory: for
 * a process that is about to be saved, so that no copy of it pays for these faults.
 */
static inline void memory_make_resident(void)
{
	if (mlockall(MCL_CURRENT) == 0)
		munlockall();
}
