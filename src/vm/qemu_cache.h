/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include "vm/qemu.h"

/*
 * What a QEMU has said about itself, kept between runs: asking takes 50 ms, a fifth of a short
 * test. An answer holds for the very file that gave it (device, inode, size, time of change).
 */

/* path: the file that is executed, as qemu_find() tells it. False: it has to be asked. */
bool qemu_cache_read(const char *path, struct qemu *ret_qemu);

/* qboot: path of its qboot.rom, NULL for none. A cache that cannot be written is left. */
void qemu_cache_write(const char *path, const struct qemu *qemu, const char *qboot);
