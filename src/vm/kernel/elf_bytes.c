// SPDX-License-Identifier: GPL-2.0-only
/* Opening bytes as an ELF file. */
#include <errno.h>
#include <string.h>

#include "vm/kernel/bzimage.h"
#include "vm/kernel/elf_bytes.h"

int elf_open_bytes(const char *what, const char *data, size_t size, Elf **ret_elf,
		   struct ktstr_error *error)
{
	Elf *elf;

	if (size < EI_NIDENT || memcmp(data, ELFMAG, SELFMAG))
		return ktstr_error_set(error, -ENOEXEC, "%s: not an ELF file but %s", what,
				       bzimage_describe(data, size));
	elf_version(EV_CURRENT);
	/* libelf wants a writable pointer, and writes only after elf_update(), which we never call.
	 */
	elf = elf_memory((char *)(uintptr_t)data, size);
	if (!elf)
		return ktstr_error_set(error, -ENOEXEC, "%s: %s", what, elf_errmsg(-1));
	*ret_elf = elf;
	return 0;
}
