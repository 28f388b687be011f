/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <libelf.h>
#include <stddef.h>

#include <ktstr/error.h>

/* libelf over bytes in memory, with our errors and a scope. */

static inline void elf_close_fn(Elf **elf)
{
	elf_end(*elf);
}
#define auto_elf __attribute__((cleanup(elf_close_fn)))

/* Borrows data until the handle is closed. -ENOEXEC when it is no ELF file; what is named then. */
int elf_open_bytes(const char *what, const char *data, size_t size, Elf **ret_elf,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
