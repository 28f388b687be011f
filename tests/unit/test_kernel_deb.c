// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel_fixture.h"
#include "unit.h"
#include "vm/kernel/deb.h"

#define R "7.2.13+deb14-cloud-amd64"

static const struct {
	const char *member, *target; /* target NULL: of no use */
} members[] = {
	{ "./boot/vmlinuz-6.1.0-50-cloud-amd64", "vmlinuz" },
	{ "./boot/config-6.1.0-50-cloud-amd64", "config" },
	{ "boot/vmlinuz-6.1", "vmlinuz" },
	{ "./lib/modules/6.1/kernel/net/core/failover.ko", "modules/kernel/net/core/failover.ko" },
	{ "./usr/lib/modules/" R "/vmlinuz", "vmlinuz" },
	{ "./usr/lib/modules/" R "/config", "config" },
	{ "./usr/lib/modules/" R "/modules.order", "modules/modules.order" },
	{ "./usr/lib/modules/" R "/modules.builtin", "modules/modules.builtin" },
	{ "./usr/lib/modules/" R "/kernel/a/b.ko.xz", "modules/kernel/a/b.ko.xz" },
	{ "./usr/lib/modules/" R "/modules.builtin.modinfo", NULL },
	{ "./usr/lib/modules/" R "/System.map", NULL },
	{ "./usr/lib/modules/" R "/kernel/README", NULL },
	{ "./boot/System.map-6.1", NULL },
	{ "./usr/share/doc/vmlinuz", NULL },
	{ "./usr/lib/modules/" R "/kernel/../../../evil.ko", NULL },
	{ "/boot/vmlinuz-6.1", NULL },
	{ "", NULL },
};

static void deb_member_target_knows_both_layouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		char target[256], small[4];
		bool wanted = deb_member_target(members[i].member, target, sizeof(target));

		if (wanted != (members[i].target != NULL))
			fail_msg("%s: %s", members[i].member, wanted ? target : "passed over");
		if (wanted)
			assert_string_equal(target, members[i].target);
		assert_false(deb_member_target(members[i].member, small, sizeof(small)));
	}
}

static void add_member(struct archive *writer, const char *name, const void *data, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	assert_int_equal(archive_write_header(writer, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(writer, data, size), size);
	archive_entry_free(entry);
}

/* A package at path whose data is compressed by filter; cut > 0 drops so many of its last bytes. */
static void write_package(const char *path, const char *filter, size_t cut)
{
	static char tar[65536];
	struct archive *writer = archive_write_new();
	char name[32];
	size_t size = 0;

	assert_int_equal(archive_write_add_filter_by_name(writer, filter), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_gnutar(writer), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(writer, tar, sizeof(tar), &size), ARCHIVE_OK);
	add_member(writer, "./usr/share/doc/x", "doc", 3);
	add_member(writer, "./boot/vmlinuz-1", "image", 5);
	add_member(writer, "./lib/modules/1/kernel/a.ko", "module", 6);
	assert_int_equal(archive_write_close(writer), ARCHIVE_OK);
	archive_write_free(writer);
	writer = archive_write_new();
	assert_int_equal(archive_write_set_format_ar_svr4(writer), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(writer, path), ARCHIVE_OK);
	add_member(writer, "debian-binary", "2.0\n", 4);
	add_member(writer, "control.tar", "ignored", 7);
	snprintf(name, sizeof(name), "data.tar.%s", filter);
	add_member(writer, name, tar, size - cut);
	assert_int_equal(archive_write_close(writer), ARCHIVE_OK);
	archive_write_free(writer);
}

static void deb_unpack_takes_each_compression(void **state)
{
	static const char *const filters[] = { "xz", "zstd", "gzip" };

	for (size_t i = 0; i < COUNT(filters); i++) {
		struct ktstr_error error = { 0 };
		char package[512], dir[512], path[600], text[16] = "";
		FILE *file;

		snprintf(package, sizeof(package), "%s/%s.deb", (char *)*state, filters[i]);
		snprintf(dir, sizeof(dir), "%s/%s", (char *)*state, filters[i]);
		write_package(package, filters[i], 0);
		if (deb_unpack(package, dir, &error))
			fail_msg("%s: %s", filters[i], error.text);
		snprintf(path, sizeof(path), "%s/modules/kernel/a.ko", dir);
		file = fopen(path, "re");
		assert_non_null(file);
		assert_int_equal(fread(text, 1, sizeof(text), file), strlen("module"));
		fclose(file);
		assert_string_equal(text, "module");
		snprintf(path, sizeof(path), "%s/vmlinuz", dir);
		assert_int_equal(access(path, R_OK), 0);
		snprintf(path, sizeof(path), "%s/usr", dir);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

static void deb_unpack_refuses_what_is_no_package(void **state)
{
	struct ktstr_error error = { 0 };
	char path[512];

	fixture_write(*state, "text.deb", "hello\n", 6);
	snprintf(path, sizeof(path), "%s/text.deb", (char *)*state);
	assert_int_equal(deb_unpack(path, *state, &error), -EBADMSG);
	assert_contains(error.text, "text.deb");
	snprintf(path, sizeof(path), "%s/cut.deb", (char *)*state);
	write_package(path, "xz", 20);
	assert_int_equal(deb_unpack(path, *state, &error), -EBADMSG);
	assert_contains(error.text, "cut.deb");
	snprintf(path, sizeof(path), "%s/absent.deb", (char *)*state);
	assert_int_equal(deb_unpack(path, *state, &error), -EBADMSG);
	assert_contains(error.text, "absent.deb");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deb_member_target_knows_both_layouts),
		IN_FOLDER(deb_unpack_takes_each_compression),
		IN_FOLDER(deb_unpack_refuses_what_is_no_package),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
