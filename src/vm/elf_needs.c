// SPDX-License-Identifier: GPL-2.0-only
/* The dynamic section of an ELF file, read with libelf. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "vm/elf_needs.h"

/* More is no program: the largest known ones need some hundred. */
#define NEEDED_MAX 1024

static void auto_elf_fn(Elf **elf)
{
	elf_end(*elf);
}
#define auto_elf __attribute__((cleanup(auto_elf_fn)))

void elf_needs_release(struct elf_needs *needs)
{
	for (size_t i = 0; i < needs->needed_count; i++)
		free(needs->needed[i]);
	free(needs->needed);
	free(needs->interpreter);
	free(needs->soname);
	free(needs->rpath);
	free(needs->runpath);
	*needs = (struct elf_needs){ 0 };
}

static int check_header(Elf *elf, const char *path, GElf_Ehdr *ret_header,
			struct ktstr_error *error)
{
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, ret_header))
		return ktstr_error_set(error, -ENOEXEC, "'%s' is not an ELF file", path);
	if (ret_header->e_machine != EM_X86_64 || gelf_getclass(elf) != ELFCLASS64)
		return ktstr_error_set(error, -ENOEXEC,
				       "'%s' is for ELF machine %u, %d bits; the guest is "
				       "x86-64 (machine %u, 64 bits)",
				       path, ret_header->e_machine,
				       gelf_getclass(elf) == ELFCLASS64 ? 64 : 32, EM_X86_64);
	if (ret_header->e_type != ET_EXEC && ret_header->e_type != ET_DYN)
		return ktstr_error_set(error, -ENOEXEC,
				       "'%s' is neither a program nor a shared library "
				       "(ELF type %u)",
				       path, ret_header->e_type);
	return 0;
}

/* Dynamic entries hold addresses; files hold offsets. */
static bool offset_of(Elf *elf, size_t segments, uint64_t address, uint64_t *ret_offset)
{
	for (size_t i = 0; i < segments; i++) {
		GElf_Phdr segment;

		if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_LOAD &&
		    address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
			*ret_offset = segment.p_offset + (address - segment.p_vaddr);
			return true;
		}
	}
	return false;
}

/* A copy of the string at offset, or NULL: out of the file, not terminated, or no memory. */
static char *string_at(const char *image, size_t size, uint64_t offset)
{
	size_t left;

	if (offset >= size)
		return NULL;
	left = size - offset;
	return memchr(image + offset, '\0', left) ? strdup(image + offset) : NULL;
}

static int add_needed(struct elf_needs *needs, char *name)
{
	char **grown = reallocarray(needs->needed, needs->needed_count + 1, sizeof(*grown));

	if (!grown) {
		free(name);
		return -ENOMEM;
	}
	needs->needed = grown;
	grown[needs->needed_count++] = name;
	return 0;
}

/* Without a section table too: what the loader reads is in the program headers. */
static int read_dynamic(Elf *elf, size_t segments, const GElf_Phdr *dynamic,
			struct elf_needs *needs)
{
	size_t size, count = dynamic->p_filesz / sizeof(Elf64_Dyn);
	const char *image = elf_rawfile(elf, &size);
	uint64_t strings = 0;
	bool found = false;

	if (!image || dynamic->p_offset > size || dynamic->p_filesz > size - dynamic->p_offset)
		return -EBADMSG;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			char **target = NULL, *text;
			Elf64_Dyn entry;

			memcpy(&entry, image + dynamic->p_offset + i * sizeof(entry),
			       sizeof(entry));
			if (entry.d_tag == DT_NULL)
				break;
			if (pass == 0) {
				if (entry.d_tag == DT_STRTAB) {
					if (!offset_of(elf, segments, entry.d_un.d_ptr, &strings))
						return -EBADMSG;
					found = true;
				}
				continue;
			}
			if (entry.d_tag == DT_SONAME)
				target = &needs->soname;
			else if (entry.d_tag == DT_RPATH)
				target = &needs->rpath;
			else if (entry.d_tag == DT_RUNPATH)
				target = &needs->runpath;
			else if (entry.d_tag != DT_NEEDED)
				continue;
			if (entry.d_un.d_val > size)
				return -EBADMSG;
			text = string_at(image, size, strings + entry.d_un.d_val);
			if (!text)
				return -EBADMSG;
			if (target) {
				free(*target);
				*target = text;
			} else if (needs->needed_count == NEEDED_MAX || add_needed(needs, text)) {
				return -EBADMSG;
			}
		}
		if (!found)
			return 0; /* no strings, nothing to ask for */
	}
	return 0;
}

int elf_needs_read(const char *path, struct elf_needs *ret_needs, struct ktstr_error *error)
{
	auto_elf_needs struct elf_needs needs = { 0 };
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	GElf_Ehdr header;
	size_t segments;
	int err = 0;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", path, strerror(errno));
	elf_version(EV_CURRENT);
	auto_elf Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	err = check_header(elf, path, &header, error);
	if (err)
		return err;
	if (elf_getphdrnum(elf, &segments) < 0)
		return ktstr_error_set(error, -ENOEXEC, "'%s': damaged program headers: %s", path,
				       elf_errmsg(-1));
	for (size_t i = 0; !err && i < segments; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf, (int)i, &segment))
			err = -EBADMSG;
		else if (segment.p_type == PT_DYNAMIC)
			err = read_dynamic(elf, segments, &segment, &needs);
		else if (segment.p_type == PT_INTERP && !needs.interpreter) {
			size_t size;
			const char *image = elf_rawfile(elf, &size);

			needs.interpreter = image ? string_at(image, size, segment.p_offset) : NULL;
			err = needs.interpreter ? 0 : -EBADMSG;
		}
	}
	if (err)
		return ktstr_error_set(error, -ENOEXEC,
				       "'%s': damaged ELF file: its dynamic section points "
				       "outside of it",
				       path);
	*ret_needs = needs;
	needs = (struct elf_needs){ 0 };
	return 0;
}
