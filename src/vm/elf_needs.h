/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

/* What an ELF file asks of the dynamic loader. Strings are owned; NULL: not there. */
struct elf_needs {
	char *interpreter;
	char *soname;
	char *rpath, *runpath;
	char **needed;
	size_t needed_count;
};

/*
 * Read a 64-bit x86 program or shared library. -ENOEXEC when it is something else, with what it is
 * in the text.
 */
int elf_needs_read(const char *path, struct elf_needs *ret_needs,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
void elf_needs_release(struct elf_needs *needs);
#define auto_elf_needs __attribute__((cleanup(elf_needs_release)))
