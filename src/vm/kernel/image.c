// SPDX-License-Identifier: GPL-2.0-only
/* From a kernel file to its parts in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "vm/kernel/bzimage.h"
#include "vm/kernel/image.h"
#include "vm/kernel/payload.h"

/* A vmlinux with all debug information has 400 to 900 MB. */
#define IMAGE_LIMIT_BYTES ((size_t)2 << 30)

void kernel_image_release(struct kernel_image *image)
{
	free(image->bzimage);
	free(image->elf);
	*image = (struct kernel_image){ 0 };
}

static int take_apart_bzimage(struct kernel_image *image, struct ktstr_error *error)
{
	struct bzimage bzimage;
	int err = bzimage_parse(image->bzimage, image->bzimage_size, &bzimage, error);

	if (err)
		return err;
	memcpy(image->release, bzimage.release, sizeof(image->release));
	err = payload_unpack_kernel(bzimage.payload, bzimage.payload_size, &image->elf,
				    &image->elf_size, error);
	if (err)
		return err;
	return vmlinux_parse(image->elf, image->elf_size, &image->facts, error);
}

static int take_apart_elf(struct kernel_image *image, struct ktstr_error *error)
{
	int err = vmlinux_parse(image->elf, image->elf_size, &image->facts, error);

	if (err)
		return err;
	if (!image->facts.boots_by_pvh)
		return ktstr_error_set(
			error, -ENOEXEC,
			"an ELF file without the PVH note that QEMU boots by (CONFIG_PVH): "
			"give the bzImage");
	if (!*image->facts.release)
		return ktstr_error_set(error, -ENOEXEC,
				       "an ELF file without a Linux version in it");
	memcpy(image->release, image->facts.release, sizeof(image->release));
	return 0;
}

int kernel_image_read(const char *path, struct kernel_image *ret_image, struct ktstr_error *error)
{
	auto_kernel_image struct kernel_image image = { 0 };
	auto_free char *data = NULL;
	size_t size;
	int err = file_read(AT_FDCWD, path, IMAGE_LIMIT_BYTES, &data, &size, error);

	if (err)
		return err;
	if (size >= 4 && !memcmp(data, "\177ELF", 4)) {
		image.elf = take_pointer(data);
		image.elf_size = size;
		err = take_apart_elf(&image, error);
	} else {
		image.bzimage = take_pointer(data);
		image.bzimage_size = size;
		err = take_apart_bzimage(&image, error);
	}
	if (err)
		return ktstr_error_wrap(error, err, "kernel '%s'", path);
	*ret_image = image;
	image = (struct kernel_image){ 0 };
	return 0;
}
