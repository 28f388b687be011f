// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the boot header of an x86 kernel image. It locates the payload; what is inside is the
 * concern of payload.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "vm/kernel/bzimage.h"

/* Offsets into the file, Documentation/arch/x86/boot.rst "The Real-Mode Kernel Header". */
#define HEADER_SETUP_SECTORS 0x1f1
#define HEADER_BOOT_FLAG 0x1fe
#define HEADER_MAGIC 0x202
#define HEADER_PROTOCOL 0x206
#define HEADER_KERNEL_VERSION 0x20e
#define HEADER_LOADFLAGS 0x211
#define HEADER_PAYLOAD_OFFSET 0x248
#define HEADER_PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250

#define SECTOR_BYTES 512
#define DEFAULT_SETUP_SECTORS 4 /* what a setup_sects of 0 means, for kernels before 1.3 */
#define LOADED_HIGH 0x01
#define PROTOCOL_WITH_PAYLOAD 0x0208

static uint16_t le16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t le32(const uint8_t *at)
{
	return le16(at) | (uint32_t)le16(at + 2) << 16;
}

static const struct {
	size_t offset;
	const char *magic;
	size_t size;
	const char *name;
} known_files[] = {
#define MAGIC(text) text, sizeof(text) - 1
	{ 0, MAGIC("\177ELF"), "an ELF file" },
	{ 0, MAGIC("\x1f\x8b"), "gzip data" },
	{ 0, MAGIC("\3757zXZ"), "xz data" },
	{ 0, MAGIC("\x28\xb5\x2f\xfd"), "zstd data" },
	{ 0, MAGIC("!<arch>\ndebian"), "a Debian package" },
	{ 0, MAGIC("!<arch>"), "an ar archive" },
	{ 0, MAGIC("070701"), "a cpio archive" },
	{ 0, MAGIC("#!"), "a script" },
	{ 0, MAGIC("QFI\xfb"), "a qcow2 disk image" },
	{ 56, MAGIC("ARMd"), "an arm64 kernel image" },
	{ 0, MAGIC("MZ"), "an EFI or DOS program without a Linux boot header" },
	{ 510, MAGIC("\x55\xaa"), "a boot sector without a Linux boot header" },
#undef MAGIC
};

const char *bzimage_describe(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	size_t i;

	if (!size)
		return "an empty file";
	for (i = 0; i < sizeof(known_files) / sizeof(known_files[0]); i++)
		if (size >= known_files[i].offset + known_files[i].size &&
		    !memcmp(bytes + known_files[i].offset, known_files[i].magic,
			    known_files[i].size))
			return known_files[i].name;
	for (i = 0; i < size && i < SECTOR_BYTES; i++)
		if (!isprint(bytes[i]) && !isspace(bytes[i]))
			return "data of an unknown kind";
	return "a text file";
}

int kernel_release_check(const char *release, struct ktstr_error *error)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+~-";
	size_t good = strspn(release, allowed);

	if (!*release)
		return ktstr_error_set(error, -EINVAL, "kernel release is empty");
	if (release[good])
		return ktstr_error_set(
			error, -EINVAL,
			"kernel release '%s': byte 0x%02x at %zu, allowed are letters, "
			"digits and ._+~-",
			release, (unsigned char)release[good], good);
	if (!isalnum((unsigned char)*release))
		return ktstr_error_set(error, -EINVAL,
				       "kernel release '%s' must start with a letter or a digit",
				       release);
	return 0;
}

/* The first word of "RELEASE (user@host) #1 SMP ...", which stands at offset. */
static int read_release(const uint8_t *bytes, size_t size, size_t offset,
			char release[KERNEL_RELEASE_MAX], struct ktstr_error *error)
{
	size_t length = 0;

	if (offset >= size)
		return ktstr_error_set(
			error, -EBADMSG,
			"bzImage: version text at %zu lies behind the end of %zu bytes", offset,
			size);
	while (offset + length < size && bytes[offset + length] && bytes[offset + length] != ' ') {
		if (length == KERNEL_RELEASE_MAX - 1)
			return ktstr_error_set(error, -EBADMSG,
					       "bzImage: version text longer than %d bytes",
					       KERNEL_RELEASE_MAX - 1);
		length++;
	}
	memcpy(release, bytes + offset, length);
	release[length] = '\0';
	return kernel_release_check(release, error);
}

int bzimage_parse(const void *data, size_t size, struct bzimage *ret_image,
		  struct ktstr_error *error)
{
	const uint8_t *bytes = data;
	struct bzimage image = { 0 };
	size_t setup_bytes, payload_offset, payload_size;
	int err;

	if (size < HEADER_END || le16(bytes + HEADER_BOOT_FLAG) != 0xaa55 ||
	    memcmp(bytes + HEADER_MAGIC, "HdrS", 4))
		return ktstr_error_set(error, -ENOEXEC, "not a bzImage but %s of %zu bytes",
				       bzimage_describe(data, size), size);
	image.protocol = le16(bytes + HEADER_PROTOCOL);
	if (image.protocol < PROTOCOL_WITH_PAYLOAD)
		return ktstr_error_set(
			error, -ENOEXEC,
			"bzImage: boot protocol %u.%02u is too old, 2.08 (Linux 2.6.26) or "
			"newer is needed",
			image.protocol >> 8, image.protocol & 0xff);
	if (!(bytes[HEADER_LOADFLAGS] & LOADED_HIGH))
		return ktstr_error_set(
			error, -ENOEXEC,
			"a zImage (loaded low), not a bzImage: build the bzImage target");
	setup_bytes = bytes[HEADER_SETUP_SECTORS];
	if (!setup_bytes)
		setup_bytes = DEFAULT_SETUP_SECTORS;
	setup_bytes = (setup_bytes + 1) * SECTOR_BYTES;
	/* The field counts from the first sector behind the boot sector. */
	err = read_release(bytes, size, (size_t)le16(bytes + HEADER_KERNEL_VERSION) + SECTOR_BYTES,
			   image.release, error);
	if (err)
		return err;
	payload_offset = setup_bytes + le32(bytes + HEADER_PAYLOAD_OFFSET);
	payload_size = le32(bytes + HEADER_PAYLOAD_LENGTH);
	if (payload_offset > size || payload_size > size - payload_offset)
		return ktstr_error_set(error, -EBADMSG,
				       "bzImage of %zu bytes is cut short: its payload ends at %zu",
				       size, payload_offset + payload_size);
	if (!payload_size)
		return ktstr_error_set(error, -EBADMSG, "bzImage has no payload");
	image.payload = bytes + payload_offset;
	image.payload_size = payload_size;
	*ret_image = image;
	return 0;
}
