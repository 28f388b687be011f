// SPDX-License-Identifier: GPL-2.0-only
/* The dynamic loader's cache, as ldconfig of glibc writes it. */
#include <stdint.h>

#include "vm/ldcache.h"

#define MAGIC_NEW "glibc-ld.so.cache1.1"
#define FLAGS_X86_64_LIBC6 0x0303

struct cache_header {
	char magic[20];
	uint32_t entries;
	uint32_t strings_size;
	uint32_t unused[5];
};
_Static_assert(sizeof(struct cache_header) == 48, "as in the file");

struct cache_entry {
	int32_t flags;
	uint32_t key, value; /* offsets from the header */
	uint32_t osversion;
	uint64_t hwcap;
};
_Static_assert(sizeof(struct cache_entry) == 24, "as in the file");

static const char *text_at(const char *data, size_t size, size_t offset)
{
	if (offset >= size || !memchr(data + offset, '\0', size - offset))
		return NULL;
	return data + offset;
}

const char *ldcache_find(const char *data, size_t size, const char *name)
{
	const char *start = memmem(data, size, MAGIC_NEW, sizeof(MAGIC_NEW) - 1);
	struct cache_header header;

	if (!start)
		return NULL;
	size -= (size_t)(start - data);
	if (size < sizeof(header))
		return NULL;
	memcpy(&header, start, sizeof(header));
	for (size_t i = 0; i < header.entries; i++) {
		size_t at = sizeof(header) + i * sizeof(struct cache_entry);
		struct cache_entry entry;
		const char *key;

		if (at + sizeof(entry) > size)
			return NULL;
		memcpy(&entry, start + at, sizeof(entry));
		if (entry.flags != FLAGS_X86_64_LIBC6 || entry.hwcap)
			continue;
		key = text_at(start, size, entry.key);
		if (key && strcmp(key, name) == 0)
			return text_at(start, size, entry.value);
	}
	return NULL;
}
