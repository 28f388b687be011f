/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32 of IEEE 802.3 (the one of zlib, Ethernet and PNG). Start with crc 0; a text given in
 * pieces, each with the result of the one before, has the CRC of the whole.
 */
uint32_t crc32_update(uint32_t crc, const void *data, size_t size);
