// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "unit.h"
#include "vm/ldcache.h"

/* A cache as ldconfig writes it, with an entry that must not be chosen before the one that must. */
struct entry {
	int32_t flags;
	uint32_t key, value, osversion;
	uint64_t hwcap;
};

struct cache {
	char magic[20];
	uint32_t entries, strings_size, unused[5];
	struct entry items[4];
	char strings[64];
};

#define STRING(offset) ((uint32_t)(offsetof(struct cache, strings) + (offset)))

static const struct cache sample = {
	.magic = "glibc-ld.so.cache1.1", .entries = 4, .strings_size = 64,
	.items = {
		{ 0x0803, STRING(0), STRING(10), 0, 0 }, /* x32 */
		{ 0x0303, STRING(0), STRING(10), 0, UINT64_C(1) << 62 }, /* for special CPUs */
		{ 0x0303, STRING(20), STRING(10), 0, 0 },
		{ 0x0303, STRING(0), STRING(30), 0, 0 },
	},
	.strings = "liba.so.1\0" "/wrong\0\0\0\0" "liba.so\0\0\0" "/lib/liba.so.1",
};

static void ldcache_find_takes_whole_names_of_this_machine(void **state)
{
	const char *data = (const char *)&sample;

	(void)state;
	assert_string_equal(ldcache_find(data, sizeof(sample), "liba.so.1"), "/lib/liba.so.1");
	assert_string_equal(ldcache_find(data, sizeof(sample), "liba.so"), "/wrong");
	assert_null(ldcache_find(data, sizeof(sample), "liba"));
	assert_null(ldcache_find(data, sizeof(sample), ""));
}

static void ldcache_find_looks_behind_the_old_format(void **state)
{
	char data[100 + sizeof(sample)] = "ld.so-1.7.0";

	(void)state;
	memcpy(data + 100, &sample, sizeof(sample));
	assert_string_equal(ldcache_find(data, sizeof(data), "liba.so.1"), "/lib/liba.so.1");
}

/* Every prefix in memory of just its size, so that a sanitizer sees any step outside. */
static void ldcache_find_survives_damage(void **state)
{
	struct cache damaged = sample;

	(void)state;
	for (size_t size = 0; size < sizeof(sample); size++) {
		char *data = malloc(size + !size);

		memcpy(data, &sample, size);
		/* Only all of it has the terminating zero of what is looked for. */
		if (size < offsetof(struct cache, strings) + 45)
			assert_null(ldcache_find(data, size, "liba.so.1"));
		free(data);
	}
	damaged.entries = UINT32_MAX;
	assert_null(ldcache_find((char *)&damaged, sizeof(damaged), "nothing"));
	damaged.items[3].value = UINT32_MAX;
	assert_null(ldcache_find((char *)&damaged, sizeof(damaged), "liba.so.1"));
	damaged.items[3].key = UINT32_MAX;
	assert_null(ldcache_find((char *)&damaged, sizeof(damaged), "liba.so.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ldcache_find_takes_whole_names_of_this_machine),
		cmocka_unit_test(ldcache_find_looks_behind_the_old_format),
		cmocka_unit_test(ldcache_find_survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
