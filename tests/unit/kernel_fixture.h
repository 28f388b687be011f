/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Made-up kernels for the tests of src/vm/kernel: real formats, no real contents. Everything that
 * is returned is the caller's to free.
 */

struct fixture_section {
	const char *name; /* NULL ends a list */
	unsigned type;
	const void *data;
	size_t size;
};

/* A 64-bit ELF file of e_type and e_machine with these sections. */
char *fixture_elf(unsigned type, unsigned machine, const struct fixture_section *sections,
		  size_t *ret_size);

/* What a made-up kernel is like. */
struct fixture_kernel {
	const char *release;
	const void *btf; /* NULL: none */
	size_t btf_size;
	size_t filler_bytes; /* of noise, so that writing it takes a while */
	bool without_pvh;
};

char *fixture_vmlinux(const struct fixture_kernel *kernel, size_t *ret_size);

/* The same inside a bzImage, its payload compressed by this libarchive filter ("zstd", "gzip"). */
char *fixture_bzimage(const struct fixture_kernel *kernel, const char *filter, size_t *ret_size);

/* BTF with one kfunc "scx_bpf_test" whose last argument is hidden (clean) or not. */
char *fixture_btf(bool keeps_hidden_argument, size_t *ret_size);

void fixture_write(const char *dir, const char *name, const void *data, size_t size);

/* cmocka's setup and teardown: *state is a new folder, which XDG_CACHE_HOME names. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
