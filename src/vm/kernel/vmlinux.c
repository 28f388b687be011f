// SPDX-License-Identifier: GPL-2.0-only
/* Facts out of an ELF kernel: notes, BTF, release. Reading only; the bytes stay the caller's. */
#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>

#include "vm/kernel/elf_bytes.h"
#include "vm/kernel/vmlinux.h"

/* include/xen/interface/elfnote.h: the physical address of the 32-bit PVH entry. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

static bool note_is(const GElf_Nhdr *note, const char *name, const char *owner, unsigned type)
{
	size_t length = strlen(owner) + 1;

	return note->n_type == type && note->n_namesz == length && !memcmp(name, owner, length);
}

static void read_notes(Elf_Data *notes, struct vmlinux *vmlinux)
{
	size_t offset = 0, name_at, desc_at;
	GElf_Nhdr note;

	while ((offset = gelf_getnote(notes, offset, &note, &name_at, &desc_at)) > 0) {
		const char *base = notes->d_buf;

		if (note_is(&note, base + name_at, "Xen", XEN_ELFNOTE_PHYS32_ENTRY))
			vmlinux->boots_by_pvh = true;
		if (note_is(&note, base + name_at, "GNU", NT_GNU_BUILD_ID) &&
		    note.n_descsz <= (BUILD_ID_TEXT_MAX - 1) / 2)
			for (size_t i = 0; i < note.n_descsz; i++)
				snprintf(vmlinux->build_id + 2 * i, 3, "%02x",
					 (unsigned char)base[desc_at + i]);
	}
}

static void read_release(const char *data, size_t size, struct vmlinux *vmlinux)
{
	static const char banner[] = "Linux version ";
	const char *at = data, *end = data + size;

	/* A format string with the same start comes first in some builds: "Linux version %s". */
	while ((at = memmem(at, (size_t)(end - at), banner, sizeof(banner) - 1))) {
		char release[KERNEL_RELEASE_MAX];
		size_t length = 0;

		at += sizeof(banner) - 1;
		while (at + length < end && length < sizeof(release) && at[length] > ' ')
			length++;
		if (at + length == end || length == sizeof(release) || at[length] != ' ')
			continue;
		memcpy(release, at, length);
		release[length] = '\0';
		if (kernel_release_check(release, NULL))
			continue;
		memcpy(vmlinux->release, release, sizeof(release));
		return;
	}
}

int vmlinux_parse(const char *data, size_t size, struct vmlinux *ret_vmlinux,
		  struct ktstr_error *error)
{
	struct vmlinux vmlinux = { 0 };
	auto_elf Elf *elf = NULL;
	Elf_Scn *section = NULL;
	GElf_Ehdr header;
	size_t names;
	int err = elf_open_bytes("kernel", data, size, &elf, error);

	if (err)
		return err;
	if (!gelf_getehdr(elf, &header) || header.e_machine != EM_X86_64 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return ktstr_error_set(error, -ENOEXEC, "an ELF file, but not an x86-64 kernel");
	if (elf_getshdrstrndx(elf, &names))
		return ktstr_error_set(error, -EBADMSG, "kernel: %s", elf_errmsg(-1));
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr shdr;
		const char *name;
		Elf_Data *content;

		if (!gelf_getshdr(section, &shdr) || !(name = elf_strptr(elf, names, shdr.sh_name)))
			return ktstr_error_set(error, -EBADMSG, "kernel: %s", elf_errmsg(-1));
		if (shdr.sh_type == SHT_NOTE && (content = elf_getdata(section, NULL)))
			read_notes(content, &vmlinux);
		if (!strcmp(name, ".BTF") && shdr.sh_type == SHT_PROGBITS &&
		    (content = elf_rawdata(section, NULL)) && content->d_size) {
			vmlinux.btf = content->d_buf;
			vmlinux.btf_size = content->d_size;
		}
	}
	read_release(data, size, &vmlinux);
	*ret_vmlinux = vmlinux;
	return 0;
}
