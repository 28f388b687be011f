// SPDX-License-Identifier: GPL-2.0-only
/* Files that are to go to a guest: what the ELF reader and the loader's cache make of any bytes. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "vm/elf_needs.h"
#include "vm/ldcache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *found = ldcache_find((const char *)data, size, "libc.so.6");
	struct elf_needs needs = { 0 };
	char path[64];
	int fd;

	if (found)
		assert(memchr(found, '\0', size - (size_t)(found - (const char *)data)));
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size && elf_needs_read(path, &needs, NULL) == 0) {
		for (size_t i = 0; i < needs.needed_count; i++)
			assert(needs.needed[i] && strlen(needs.needed[i]) < size);
		elf_needs_release(&needs);
	}
	close(fd);
	return 0;
}
