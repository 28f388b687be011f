// SPDX-License-Identifier: GPL-2.0-only
/* CRC-32, a byte at a time. */
#include "wire/crc32.h"

/*
 * The remainder of a byte is the exclusive or of the remainders of its bits, so eight constants
 * give the whole table at compile time.
 */
#define BIT(byte, n, remainder) (((byte) >> (n) & 1) * (remainder))
#define ROW_1(byte)                                                                            \
	(BIT(byte, 0, 0x77073096u) ^ BIT(byte, 1, 0xee0e612cu) ^ BIT(byte, 2, 0x076dc419u) ^   \
	 BIT(byte, 3, 0x0edb8832u) ^ BIT(byte, 4, 0x1db71064u) ^ BIT(byte, 5, 0x3b6e20c8u) ^   \
	 BIT(byte, 6, 0x76dc4190u) ^ BIT(byte, 7, 0xedb88320u))
#define ROW_4(byte) ROW_1(byte), ROW_1((byte) + 1u), ROW_1((byte) + 2u), ROW_1((byte) + 3u)
#define ROW_16(byte) ROW_4(byte), ROW_4((byte) + 4u), ROW_4((byte) + 8u), ROW_4((byte) + 12u)
#define ROW_64(byte) ROW_16(byte), ROW_16((byte) + 16u), ROW_16((byte) + 32u), ROW_16((byte) + 48u)

static const uint32_t remainders[256] = { ROW_64(0u), ROW_64(64u), ROW_64(128u), ROW_64(192u) };

uint32_t crc32_update(uint32_t crc, const void *data, size_t size)
{
	const uint8_t *at = data;

	crc = ~crc;
	for (size_t i = 0; i < size; i++)
		crc = crc >> 8 ^ remainders[(crc ^ at[i]) & 0xff];
	return ~crc;
}
