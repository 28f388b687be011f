/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* When the stages of the start were reached, for the host's account of where time went. */
#define BOOT_PHASES_MAX 16

struct boot_phases {
	struct {
		const char *name;
		uint64_t at_us;
	} entries[BOOT_PHASES_MAX];
	size_t count;
};

/* CLOCK_BOOTTIME: counts from the start of the kernel, as the kernel log does. */
uint64_t uptime_us(void);

/* name is done now. It is kept as a pointer. */
void boot_phase_mark(struct boot_phases *phases, const char *name);
