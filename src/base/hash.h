/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Tells contents apart, as builds of a file; not meant against an adversary, and not kept across
 * releases. seed continues another hash, or makes an independent one.
 */
uint64_t hash_bytes(const void *data, size_t size, uint64_t seed);
