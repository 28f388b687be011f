// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/hash.h"
#include "base/size.h"

#include "unit.h"

#define MIB (UINT64_C(1) << 20)

static void size_parse_reads_numbers_with_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "0MiB", 0 },
		{ "1KiB", 1024 },
		{ "512MiB", 512 * MIB },
		{ "4GiB", 4096 * MIB },
		{ "2TiB", 2 * MIB * MIB },
		{ "16777215TiB", UINT64_C(16777215) << 40 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error error = { 0 };
		uint64_t bytes = 1234;

		if (size_parse(cases[i].text, &bytes, &error))
			fail_msg("%s", error.text);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void size_parse_refuses_with_the_way_out(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *part;
	} cases[] = {
		{ "512", -EINVAL, "'512' has no unit; write 512MiB or 512GiB" },
		{ "", -EINVAL, "'' is not a size" },
		{ "GiB", -EINVAL, "'GiB' is not a size" },
		{ "1.5GiB", -EINVAL, "unknown unit '.5GiB'" },
		{ "-1GiB", -EINVAL, "'-1GiB' is not a size" },
		{ "4G", -EINVAL, "unknown unit 'G'; allowed are KiB, MiB, GiB, TiB" },
		{ "16777216TiB", -ERANGE, "more than" },
		{ "99999999999999999999KiB", -ERANGE, "more than" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error error = { 0 };
		uint64_t bytes = 1234;

		assert_int_equal(size_parse(cases[i].text, &bytes, &error), cases[i].code);
		assert_contains(error.text, cases[i].part);
		assert_int_equal(bytes, 1234);
	}
}

static void size_format_gives_three_digits(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" },          { 1023, "1023 bytes" },      { 1024, "1.00 KiB" },
		{ 325632, "318 KiB" },     { 103 * MIB, "103 MiB" },    { 1536 * MIB, "1.50 GiB" },
		{ UINT64_MAX, "16777216 TiB" },
	};
	char buffer[SIZE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(size_format(cases[i].bytes, buffer), cases[i].text);
}

/* Every single bit counts, wherever it stands, and so do the length and the seed. */
static void hash_bytes_tells_contents_apart(void **state)
{
	char data[21] = "twenty bytes of data";
	uint64_t hash = hash_bytes(data, 20, 0);

	(void)state;
	for (int i = 0; i < 20; i++)
		for (int bit = 0; bit < 8; bit++) {
			data[i] ^= (char)(1 << bit);
			assert_int_not_equal(hash_bytes(data, 20, 0), hash);
			data[i] ^= (char)(1 << bit);
		}
	assert_int_equal(hash_bytes(data, 20, 0), hash);
	assert_int_not_equal(hash_bytes(data, 21, 0), hash);
	assert_int_not_equal(hash_bytes(data, 20, 1), hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_parse_reads_numbers_with_units),
		cmocka_unit_test(size_parse_refuses_with_the_way_out),
		cmocka_unit_test(size_format_gives_three_digits),
		cmocka_unit_test(hash_bytes_tells_contents_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
