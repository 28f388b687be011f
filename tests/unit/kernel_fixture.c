// SPDX-License-Identifier: GPL-2.0-only
/* Building made-up kernels. Failing to build one aborts: it is the test's own bug. */
#include <archive.h>
#include <archive_entry.h>
#include <bpf/btf.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel_fixture.h"
#include "base/tree.h"

static void need(bool worked)
{
	if (!worked)
		abort();
}

/* Grows as it is written to; aborts without memory. */
struct buffer {
	char *data;
	size_t size;
};

static size_t put(struct buffer *buffer, const void *data, size_t size)
{
	size_t at = buffer->size;

	buffer->data = realloc(buffer->data, at + size + 1);
	need(buffer->data != NULL);
	memcpy(buffer->data + at, data, size);
	buffer->size += size;
	return at;
}

char *fixture_elf(unsigned type, unsigned machine, const struct fixture_section *sections,
		  size_t *ret_size)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = (Elf64_Half)type,
		.e_machine = (Elf64_Half)machine,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(header),
		.e_shentsize = sizeof(Elf64_Shdr),
	};
	struct buffer file = { 0 }, names = { 0 }, table = { 0 };
	Elf64_Shdr shdr = { 0 };
	static const char padding[16];

	put(&file, &header, sizeof(header));
	put(&names, "", 1);
	put(&table, &shdr, sizeof(shdr));
	header.e_shnum = 1;
	for (; sections->name; sections++) {
		put(&file, padding, -file.size % 16);
		shdr = (Elf64_Shdr){
			.sh_name = (Elf64_Word)put(&names, sections->name,
						   strlen(sections->name) + 1),
			.sh_type = sections->type,
			.sh_offset = put(&file, sections->data, sections->size),
			.sh_size = sections->size,
			.sh_addralign = 4,
		};
		put(&table, &shdr, sizeof(shdr));
		header.e_shnum++;
	}
	header.e_shstrndx = header.e_shnum++;
	shdr = (Elf64_Shdr){
		.sh_name = (Elf64_Word)put(&names, ".shstrtab", sizeof(".shstrtab")),
		.sh_type = SHT_STRTAB,
		.sh_offset = file.size,
		.sh_addralign = 1,
	};
	shdr.sh_size = names.size;
	put(&table, &shdr, sizeof(shdr));
	put(&file, names.data, names.size);
	put(&file, padding, -file.size % 16);
	header.e_shoff = put(&file, table.data, table.size);
	memcpy(file.data, &header, sizeof(header));
	free(names.data);
	free(table.data);
	*ret_size = file.size;
	return file.data;
}

/* Two notes as vmlinux has them: the PVH entry, and a build id of 20 bytes. */
struct notes {
	Elf64_Nhdr pvh;
	char pvh_name[4];
	uint64_t pvh_entry;
	Elf64_Nhdr build;
	char build_name[4];
	uint8_t build_id[20];
} __attribute__((packed));

char *fixture_vmlinux(const struct fixture_kernel *kernel, size_t *ret_size)
{
	struct notes notes = {
		.pvh = { 4, 8, kernel->without_pvh ? 99 : 18 },
		.pvh_name = "Xen",
		.build = { 4, 20, NT_GNU_BUILD_ID },
		.build_name = "GNU",
		.build_id = { 0xab, 0xcd, 0xef },
	};
	char banner[256];
	char *filler = malloc(kernel->filler_bytes + 1), *elf;
	uint32_t noise = 1;

	need(filler);
	for (size_t i = 0; i < kernel->filler_bytes; i++) {
		noise = noise * 1664525 + 1013904223;
		filler[i] = (char)(noise >> 24);
	}
	snprintf(banner, sizeof(banner),
		 "Linux version %%s (format)\nLinux version %s (a@b) #1 SMP\n", kernel->release);
	elf = fixture_elf(ET_EXEC, EM_X86_64,
			  (const struct fixture_section[]){
				  { ".rodata", SHT_PROGBITS, banner, sizeof(banner) },
				  { ".notes", SHT_NOTE, &notes, sizeof(notes) },
				  { ".filler", SHT_PROGBITS, filler, kernel->filler_bytes },
				  { kernel->btf ? ".BTF" : NULL, SHT_PROGBITS, kernel->btf,
				    kernel->btf_size },
				  { NULL },
			  },
			  ret_size);
	free(filler);
	return elf;
}

static struct buffer compress(const char *filter, const char *data, size_t size)
{
	struct archive *writer = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t capacity = size + 65536, used = 0;
	char *packed = malloc(capacity);

	need(writer && entry && packed);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "payload");
	need(archive_write_add_filter_by_name(writer, filter) == ARCHIVE_OK);
	need(archive_write_set_format_raw(writer) == ARCHIVE_OK);
	need(archive_write_set_bytes_in_last_block(writer, 1) == ARCHIVE_OK);
	need(archive_write_open_memory(writer, packed, capacity, &used) == ARCHIVE_OK);
	need(archive_write_header(writer, entry) == ARCHIVE_OK);
	need(archive_write_data(writer, data, size) == (la_ssize_t)size);
	need(archive_write_close(writer) == ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(writer);
	return (struct buffer){ packed, used };
}

static void put_le32(char *at, size_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(value >> (8 * i));
}

char *fixture_bzimage(const struct fixture_kernel *kernel, const char *filter, size_t *ret_size)
{
	enum { SETUP_BYTES = 5 * 512, VERSION_AT = 0x300 };
	char setup[SETUP_BYTES] = { 0 }, trailer[4];
	struct buffer file = { 0 };
	size_t elf_size;
	char *elf = fixture_vmlinux(kernel, &elf_size);
	struct buffer payload = compress(filter, elf, elf_size);
	bool has_own_trailer = !strcmp(filter, "gzip");

	setup[0x1f1] = 4; /* sectors behind the first */
	memcpy(setup + 0x1fe, "\x55\xaa", 2);
	memcpy(setup + 0x202, "HdrS\x0f\x02", 6);
	put_le32(setup + 0x20e,
		 (1U << 24) | (VERSION_AT - 512)); /* high byte: LOADED_HIGH at 0x211 */
	snprintf(setup + VERSION_AT, 256, "%s (a@b) #1 SMP", kernel->release);
	put_le32(setup + 0x24c, payload.size + (has_own_trailer ? 0 : 4));
	put(&file, setup, sizeof(setup));
	put(&file, payload.data, payload.size);
	put_le32(trailer, elf_size);
	if (!has_own_trailer)
		put(&file, trailer, 4);
	put(&file, "tail", 4); /* decompressor code follows in a real one */
	free(elf);
	free(payload.data);
	*ret_size = file.size;
	return file.data;
}

char *fixture_btf(bool keeps_hidden_argument, size_t *ret_size)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int aux = btf__add_struct(btf, "bpf_prog_aux", 0);
	int pointer = btf__add_ptr(btf, btf__add_const(btf, aux));
	int proto = btf__add_func_proto(btf, number);
	const void *raw;
	uint32_t size;
	char *copy;

	btf__add_func_param(btf, "cpu", number);
	if (keeps_hidden_argument)
		btf__add_func_param(btf, "aux", pointer);
	btf__add_func(btf, "scx_bpf_test", BTF_FUNC_STATIC, proto);
	btf__add_struct(btf, "sched_ext_ops", 0);
	raw = btf__raw_data(btf, &size);
	need(raw);
	copy = malloc(size);
	need(copy);
	memcpy(copy, raw, size);
	btf__free(btf);
	*ret_size = size;
	return copy;
}

void fixture_write(const char *dir, const char *name, const void *data, size_t size)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	*strrchr(path, '/') = '\0';
	need(!tree_make(AT_FDCWD, path, NULL));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	need(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

int fixture_setup(void **state)
{
	const char *parent = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/kernel-test-XXXXXX", parent ? parent : "/tmp") < 0 ||
	    !mkdtemp(path))
		return -1;
	setenv("XDG_CACHE_HOME", path, 1);
	unsetenv("KTSTR_KERNEL");
	*state = path;
	return 0;
}

int fixture_teardown(void **state)
{
	int err = tree_remove(AT_FDCWD, *state, NULL);

	free(*state);
	return err;
}
