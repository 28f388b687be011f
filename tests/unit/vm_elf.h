/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* ELF files to order, as small as the loader's view of them: headers, a dynamic section, strings.
 */
#include <elf.h>
#include <stdio.h>

struct vm_elf {
	const char *needed[3];
	const char *soname, *rpath, *runpath, *interpreter;
	unsigned machine, type;    /* 0: x86-64, shared library */
	uint64_t strings_address;  /* 0: the right one */
};

struct vm_elf_file {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	Elf64_Dyn dynamic[10];
	char strings[1024];
};

static inline uint64_t vm_elf_string(struct vm_elf_file *file, size_t *used, const char *text)
{
	uint64_t at = *used;

	*used += (size_t)snprintf(file->strings + at, sizeof(file->strings) - at, "%s", text) + 1;
	return at;
}

static inline void vm_elf_write(const char *path, const struct vm_elf *elf)
{
	struct vm_elf_file file = { 0 };
	size_t strings = 1, entries = 0;
	const struct {
		Elf64_Sxword tag;
		const char *text;
	} texts[] = {
		{ DT_NEEDED, elf->needed[0] }, { DT_NEEDED, elf->needed[1] },
		{ DT_NEEDED, elf->needed[2] }, { DT_SONAME, elf->soname },
		{ DT_RPATH, elf->rpath },      { DT_RUNPATH, elf->runpath },
	};
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	memcpy(file.header.e_ident, ELFMAG "\x02\x01\x01", 7);
	file.header.e_type = (Elf64_Half)(elf->type ? elf->type : ET_DYN);
	file.header.e_machine = (Elf64_Half)(elf->machine ? elf->machine : EM_X86_64);
	file.header.e_version = EV_CURRENT;
	file.header.e_ehsize = sizeof(file.header);
	file.header.e_phoff = offsetof(struct vm_elf_file, segments);
	file.header.e_phentsize = sizeof(file.segments[0]);
	file.header.e_phnum = elf->interpreter ? 3 : 2;
	/* Loaded at 0x1000, so that addresses and offsets differ. */
	file.segments[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = 0x1000,
					 .p_filesz = sizeof(file), .p_memsz = sizeof(file) };
	file.segments[1] = (Elf64_Phdr){ .p_type = PT_DYNAMIC,
					 .p_offset = offsetof(struct vm_elf_file, dynamic),
					 .p_filesz = sizeof(file.dynamic) };
	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].text)
			file.dynamic[entries++] = (Elf64_Dyn){
				.d_tag = texts[i].tag,
				.d_un.d_val = vm_elf_string(&file, &strings, texts[i].text)
			};
	/* Behind the entries that point into it, as real linkers may place it. */
	file.dynamic[entries] = (Elf64_Dyn){
		.d_tag = DT_STRTAB,
		.d_un.d_ptr = elf->strings_address ? elf->strings_address :
						     0x1000 + offsetof(struct vm_elf_file, strings)
	};
	if (elf->interpreter)
		file.segments[2] = (Elf64_Phdr){
			.p_type = PT_INTERP,
			.p_offset = offsetof(struct vm_elf_file, strings) +
				    vm_elf_string(&file, &strings, elf->interpreter)
		};
	assert_int_equal(fwrite(&file, sizeof(file), 1, out), 1);
	assert_int_equal(fclose(out), 0);
}
