// SPDX-License-Identifier: GPL-2.0-only
/* Hashing at memory speed: eight bytes a turn, because test binaries with libraries are tens of MiB. */
#include <string.h>

#include "base/hash.h"

uint64_t hash_bytes(const void *data, size_t size, uint64_t seed)
{
	uint64_t hash = (seed + size) ^ UINT64_C(0x9e3779b97f4a7c15);
	const char *at = data;

	while (size) {
		size_t step = size < sizeof(uint64_t) ? size : sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, at, step);
		hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
		at += step;
		size -= step;
	}
	return hash;
}
