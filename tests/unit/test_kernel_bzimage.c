// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "kernel_fixture.h"
#include "unit.h"
#include "vm/kernel/bzimage.h"
#include "vm/kernel/payload.h"
#include "vm/kernel/vmlinux.h"

static const struct fixture_kernel plain = { .release = "6.12.0-rc3+x~1" };

static void bzimage_parse_finds_release_and_payload(void **state)
{
	struct bzimage image;
	size_t size;
	char *file = fixture_bzimage(&plain, "zstd", &size);

	(void)state;
	assert_int_equal(bzimage_parse(file, size, &image, NULL), 0);
	assert_string_equal(image.release, "6.12.0-rc3+x~1");
	assert_int_equal(image.protocol, 0x020f);
	assert_ptr_equal(image.payload, file + 5 * 512);
	assert_int_equal(image.payload_size, size - 5 * 512 - strlen("tail"));
	free(file);
}

/* A good image with some bytes changed, or cut. */
static const struct {
	const char *name;
	size_t offset, change_size;
	const char *change;
	size_t cut; /* 0: not cut */
	int code;
	const char *says;
} damaged[] = {
	{ "no boot flag", 0x1fe, 2, "\0\0", 0, -ENOEXEC, "not a bzImage" },
	{ "no magic", 0x202, 4, "HdrX", 0, -ENOEXEC, "not a bzImage but a boot sector" },
	{ "old protocol", 0x206, 2, "\x07\x02", 0, -ENOEXEC, "2.07" },
	{ "zImage", 0x211, 1, "\0", 0, -ENOEXEC, "zImage" },
	{ "version far away", 0x20e, 2, "\xff\xff", 0, -EBADMSG, "66047" },
	{ "empty version", 0x300, 1, "\0", 0, -EINVAL, "empty" },
	{ "path as version", 0x300, 3, "../", 0, -EINVAL, "0x2f" },
	{ "hidden version", 0x300, 1, ".", 0, -EINVAL, "start with" },
	{ "endless version", 0x300, 70,
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, -EBADMSG,
	  "64" },
	{ "payload far away", 0x248, 4, "\xff\xff\xff\xff", 0, -EBADMSG, "cut short" },
	{ "payload too long", 0x24c, 4, "\xff\xff\xff\xff", 0, -EBADMSG, "cut short" },
	{ "no payload", 0x24c, 4, "\0\0\0\0", 0, -EBADMSG, "no payload" },
	{ "all setup sectors", 0x1f1, 1, "\xff", 0, -EBADMSG, "cut short" },
	{ "cut in the payload", 0, 0, "", 5 * 512 + 10, -EBADMSG, "cut short" },
	{ "cut in the header", 0, 0, "", 0x24f, -ENOEXEC, "not a bzImage" },
};

static void bzimage_parse_refuses_damaged_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(damaged); i++) {
		struct ktstr_error error = { 0 };
		struct bzimage image = { .release = "untouched" };
		size_t size;
		char *file = fixture_bzimage(&plain, "zstd", &size), *exact;
		int err;

		memcpy(file + damaged[i].offset, damaged[i].change, damaged[i].change_size);
		if (damaged[i].cut)
			size = damaged[i].cut;
		exact = malloc(size); /* so that a sanitizer sees every read behind the end */
		memcpy(exact, file, size);
		err = bzimage_parse(exact, size, &image, &error);
		if (err != damaged[i].code || !strstr(error.text, damaged[i].says))
			fail_msg("%s: %d, \"%s\"", damaged[i].name, err, error.text);
		assert_string_equal(image.release, "untouched");
		free(exact);
		free(file);
	}
}

static void bzimage_describe_names_what_users_confuse_it_with(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *name;
	} files[] = {
		{ "", 0, "an empty file" },
		{ "\x7f"
		  "ELF\2\1\1",
		  7, "an ELF file" },
		{ "\x1f\x8b\x08", 3, "gzip data" },
		{ "!<arch>\ndebian-binary", 21, "a Debian package" },
		{ "#!/bin/sh\n", 10, "a script" },
		{ "hello\n", 6, "a text file" },
		{ "\x01\x02", 2, "data of an unknown kind" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		assert_string_equal(bzimage_describe(files[i].data, files[i].size), files[i].name);
}

static void payload_unpack_kernel_takes_each_compression(void **state)
{
	static const char *const filters[] = { "gzip", "xz", "zstd", "lz4", "bzip2", "lzma" };

	(void)state;
	for (size_t i = 0; i < COUNT(filters); i++) {
		struct ktstr_error error = { 0 };
		struct vmlinux vmlinux;
		struct bzimage image;
		size_t size, elf_size;
		char *file = fixture_bzimage(&plain, filters[i], &size), *elf;

		assert_int_equal(bzimage_parse(file, size, &image, NULL), 0);
		if (payload_unpack_kernel(image.payload, image.payload_size, &elf, &elf_size,
					  &error))
			fail_msg("%s: %s", filters[i], error.text);
		assert_int_equal(vmlinux_parse(elf, elf_size, &vmlinux, NULL), 0);
		assert_string_equal(vmlinux.release, plain.release);
		free(elf);
		free(file);
	}
}

static void payload_unpack_kernel_refuses_wrong_sizes(void **state)
{
	static const struct {
		const char *trailer, *says;
	} wrong[] = {
		{ "\0\0\0\0", "claims 0 bytes" },
		{ "\xff\xff\xff\x7f", "claims 2147483647 bytes" },
		{ "\0\0\1\0", "trailer says 65536" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct ktstr_error error = { 0 };
		struct bzimage image;
		size_t size, elf_size;
		char *file = fixture_bzimage(&plain, "zstd", &size), *elf = NULL;

		assert_int_equal(bzimage_parse(file, size, &image, NULL), 0);
		memcpy(file + 5 * 512 + image.payload_size - 4, wrong[i].trailer, 4);
		assert_int_equal(payload_unpack_kernel(image.payload, image.payload_size, &elf,
						       &elf_size, &error),
				 -EBADMSG);
		assert_contains(error.text, wrong[i].says);
		assert_null(elf);
		free(file);
	}
}

static void vmlinux_parse_reads_notes_btf_and_release(void **state)
{
	static const char btf[] = "not really";
	const struct fixture_kernel kernels[] = {
		{ .release = "7.2.13+deb14", .btf = btf, .btf_size = sizeof(btf) },
		{ .release = "6.1.0", .without_pvh = true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(kernels); i++) {
		struct vmlinux vmlinux;
		size_t size;
		char *elf = fixture_vmlinux(&kernels[i], &size);

		assert_int_equal(vmlinux_parse(elf, size, &vmlinux, NULL), 0);
		assert_string_equal(vmlinux.release, kernels[i].release);
		assert_string_equal(vmlinux.build_id, "abcdef0000000000000000000000000000000000");
		assert_int_equal(vmlinux.boots_by_pvh, !kernels[i].without_pvh);
		assert_int_equal(vmlinux.btf_size, kernels[i].btf_size);
		if (kernels[i].btf)
			assert_memory_equal(vmlinux.btf, btf, sizeof(btf));
		free(elf);
	}
}

/* Every cut of a good file: refused or read, but nothing behind its end is looked at. */
static void vmlinux_parse_survives_cut_files(void **state)
{
	size_t size;
	char *elf = fixture_vmlinux(&plain, &size);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		char *exact = malloc(cut ? cut : 1);
		struct vmlinux vmlinux;
		int err;

		memcpy(exact, elf, cut);
		err = vmlinux_parse(exact, cut, &vmlinux, NULL);
		assert_true(err == 0 || err == -ENOEXEC || err == -EBADMSG);
		free(exact);
	}
	free(elf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bzimage_parse_finds_release_and_payload),
		cmocka_unit_test(bzimage_parse_refuses_damaged_images),
		cmocka_unit_test(bzimage_describe_names_what_users_confuse_it_with),
		cmocka_unit_test(payload_unpack_kernel_takes_each_compression),
		cmocka_unit_test(payload_unpack_kernel_refuses_wrong_sizes),
		cmocka_unit_test(vmlinux_parse_reads_notes_btf_and_release),
		cmocka_unit_test(vmlinux_parse_survives_cut_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
