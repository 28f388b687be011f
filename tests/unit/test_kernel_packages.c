// SPDX-License-Identifier: GPL-2.0-only
/* What apt answers, taken apart: pins of Depends fields, and reasons of failures. */
#include "unit.h"
#include "vm/kernel/apt.h"
#include "vm/kernel/control.h"
#include "vm/kernel/packages.h"

#include <stdlib.h>

static const struct {
	const char *depends;
	const char *pins[4]; /* NULL-ended */
} depends_fields[] = {
	{ "linux-base-cloud-amd64 (= 7.2.13-1), linux-image-7.2.13+deb14-cloud-amd64 (= 7.2.13-1)",
	  { "linux-base-cloud-amd64=7.2.13-1", "linux-image-7.2.13+deb14-cloud-amd64=7.2.13-1" } },
	{ "dracut | initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool, linux-base-7 (= 7-1)",
	  { "linux-base-7=7-1" } },
	{ "kmod, initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool", { NULL } },
	{ "a (= 1) | b (= 1), c:amd64 (= 1:2-3~bpo12+1),\n d (= 4)", { "c=1:2-3~bpo12+1", "d=4" } },
	{ "", { NULL } },
	{ ", ,(= 1", { "=1" } }, /* damaged: apt then knows no such package */
};

static void kernel_packages_next_pin_follows_exact_versions_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(depends_fields); i++) {
		const char *cursor = depends_fields[i].depends;
		char spec[256];
		size_t count = 0;

		while (kernel_packages_next_pin(&cursor, spec, sizeof(spec))) {
			assert_non_null(depends_fields[i].pins[count]);
			assert_string_equal(spec, depends_fields[i].pins[count]);
			count++;
		}
		assert_null(depends_fields[i].pins[count]);
	}
}

static const struct {
	const char *said;
	const char *parts[3];
} failures[] = {
	{ "Err:1 http://m.invalid/debian nosuch Release\n  404  Not Found\n"
	  "E: The repository 'http://m.invalid/debian nosuch Release' does not have a Release "
	  "file.\n"
	  "N: Updating from such a repository can't be done securely\n",
	  { "apt says: The repository 'http://m.invalid/debian nosuch Release'",
	    "check its name" } },
	{ "E: Failed to fetch http://m.invalid/x  Temporary failure resolving 'm.invalid'\n"
	  "E: Some index files failed to download.\n",
	  { "Temporary failure resolving 'm.invalid'", "check network and proxy" } },
	{ "W: GPG error: http://m.invalid sid InRelease: NO_PUBKEY 0123\n"
	  "E: The repository 'http://m.invalid sid InRelease' is not signed.\n",
	  { "is not signed", "debian-archive-keyring" } },
	{ "W: only a warning\n", { "apt says: only a warning" } },
	{ "", { "no reason" } },
};

static void apt_explain_gives_reason_and_way_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		char text[512], small[24];

		apt_explain(failures[i].said, text, sizeof(text));
		for (size_t part = 0; failures[i].parts[part]; part++)
			assert_contains(text, failures[i].parts[part]);
		apt_explain(failures[i].said, small, sizeof(small));
		assert_true(strlen(small) < sizeof(small));
	}
}

static const struct {
	const char *name, *value; /* NULL: no such field */
} fields[] = {
	{ "Package", "a" },	 { "package", "a" },
	{ "Depends", "x,\n y" }, { "Description", "one\n two\n ." },
	{ "Pack", NULL },	 { "Version", NULL }, /* only in the next stanza */
};

static void control_field_reads_its_stanza(void **state)
{
	static const char text[] =
		"\nPackage:  a \nDepends: x,\n# note\n y\nDescription: one\n two\n .\n\n"
		"Version: 2";
	const char *cursor = text, *stanza;
	size_t length = control_next_stanza(&cursor, &stanza);
	char *version;

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		char *value = control_field(stanza, length, fields[i].name);

		if (fields[i].value)
			assert_string_equal(value, fields[i].value);
		else
			assert_null(value);
		free(value);
	}
	length = control_next_stanza(&cursor, &stanza);
	version = control_field(stanza, length, "Version");
	assert_string_equal(version, "2");
	free(version);
	assert_int_equal(control_next_stanza(&cursor, &stanza), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_packages_next_pin_follows_exact_versions_only),
		cmocka_unit_test(apt_explain_gives_reason_and_way_out),
		cmocka_unit_test(control_field_reads_its_stanza),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
