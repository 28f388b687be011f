/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "vm/kernel/entry.h"
#include "vm/kernel/progress.h"

#define KERNEL_FETCH_SUITE "sid"
#define KERNEL_FETCH_FLAVOUR "cloud-amd64"
#define KERNEL_FETCH_TIMEOUT_MS 600000 /* sid over 1 Mbit/s: about 6 minutes */

/* A kernel to get from the machine's Debian mirror. {0} gets the default one. */
struct kernel_fetch {
	const char *suite;   /* NULL: KERNEL_FETCH_SUITE */
	const char *flavour; /* of linux-image-FLAVOUR; NULL: KERNEL_FETCH_FLAVOUR */
	uint64_t timeout_ms; /* for all of it; 0: KERNEL_FETCH_TIMEOUT_MS */
	const struct kernel_progress *progress; /* NULL: nobody looks */
};

/*
 * Get the suite's current kernel into the store. *ret_new is false when it is there already, in
 * the same version, and nothing was downloaded. The entry is the caller's to free.
 */
int kernel_fetch(const struct kernel_fetch *fetch, struct kernel_entry **ret_entry, bool *ret_new,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;
