// SPDX-License-Identifier: GPL-2.0-only
/* What copies.c times the hand-over with: the empty test of a large binary. */
#include <ktstr/ktstr.h>

#include "heavy.h"

/* In .data, so that the file has it, and volatile, so that it is kept. */
static volatile char ballast[HEAVY_MIB << 20] = { 1 };

KTSTR_TEST(heavy)
{
	(void)ctx;
	return ballast[0] - 1;
}
