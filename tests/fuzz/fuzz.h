/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The entry that libFuzzer (and replay.c) calls: 0, or the process dies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
