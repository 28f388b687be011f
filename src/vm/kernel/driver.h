/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/kernel/entry.h"

/*
 * Whether a VM with this kernel will have the driver called module ("virtio_blk", whose option is
 * CONFIG_VIRTIO_BLK): among the entry's modules, or built in as far as its configuration tells; an
 * entry without one is believed to have it. -ENODEV: it will not, and what to do.
 */
int kernel_driver_check(const struct kernel_entry *kernel, const char *module,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
