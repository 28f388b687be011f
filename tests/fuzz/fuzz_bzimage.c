// SPDX-License-Identifier: GPL-2.0-only
/*
 * What 'ktstr kernel add' does with any file: the boot header, the payload's decompression, the
 * ELF image, its BTF; and a file that is ELF itself as a module too. What is found must lie
 * within what was given.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vm/kernel/bzimage.h"
#include "vm/kernel/modinfo.h"
#include "vm/kernel/payload.h"
#include "vm/kernel/schedext.h"
#include "vm/kernel/vmlinux.h"

static void parse_elf(const char *elf, size_t size)
{
	struct sched_ext_support support;
	struct vmlinux vmlinux;

	if (vmlinux_parse(elf, size, &vmlinux, NULL))
		return;
	assert(strlen(vmlinux.release) < sizeof(vmlinux.release));
	assert(strlen(vmlinux.build_id) < sizeof(vmlinux.build_id));
	if (vmlinux.btf) {
		assert(vmlinux.btf >= elf &&
		       vmlinux.btf_size <= size - (size_t)(vmlinux.btf - elf));
		if (!sched_ext_judge(NULL, vmlinux.btf, vmlinux.btf_size, &support, NULL))
			assert(support.usable == !*support.reason);
	}
}

static void parse_module(const char *elf, size_t size)
{
	const char *depends;

	if (!modinfo_depends("fuzz", elf, size, &depends, NULL))
		assert(depends > elf && memchr(depends, '\0', size - (size_t)(depends - elf)));
}

static void parse_bzimage(const uint8_t *data, size_t size)
{
	struct bzimage image;
	size_t elf_size;
	char *elf;

	if (bzimage_parse(data, size, &image, NULL))
		return;
	assert(!kernel_release_check(image.release, NULL));
	assert(image.payload >= data &&
	       image.payload_size <= size - (size_t)(image.payload - data));
	if (payload_unpack_kernel(image.payload, image.payload_size, &elf, &elf_size, NULL))
		return;
	parse_elf(elf, elf_size);
	free(elf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_bzimage(data, size);
	parse_elf((const char *)data, size);
	parse_module((const char *)data, size);
	return 0;
}
