// SPDX-License-Identifier: GPL-2.0-only
/* What a module file says about itself, and how modules are named. */
#include <ctype.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "vm/kernel/elf_bytes.h"
#include "vm/kernel/modinfo.h"

/* Fields are "key=value" texts, each closed by a zero byte; padding is more zero bytes. */
static const char *find_field(const char *fields, size_t size, const char *key)
{
	size_t key_length = strlen(key);

	while (size) {
		size_t length = strnlen(fields, size);

		if (length == size)
			return NULL; /* not closed: damaged */
		if (length > key_length && !memcmp(fields, key, key_length) &&
		    fields[key_length] == '=')
			return fields + key_length + 1;
		fields += length + 1;
		size -= length + 1;
	}
	return NULL;
}

int modinfo_depends(const char *what, const char *data, size_t size, const char **ret_depends,
		    struct ktstr_error *error)
{
	auto_elf Elf *elf = NULL;
	Elf_Scn *section = NULL;
	size_t names;
	int err = elf_open_bytes(what, data, size, &elf, error);

	if (err)
		return err;
	if (elf_getshdrstrndx(elf, &names))
		return ktstr_error_set(error, -EBADMSG, "module '%s': %s", what, elf_errmsg(-1));
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr shdr;
		const char *name, *depends;
		Elf_Data *fields;

		if (!gelf_getshdr(section, &shdr) || !(name = elf_strptr(elf, names, shdr.sh_name)))
			return ktstr_error_set(error, -EBADMSG, "module '%s': %s", what,
					       elf_errmsg(-1));
		if (strcmp(name, ".modinfo") || !(fields = elf_rawdata(section, NULL)) ||
		    !fields->d_buf)
			continue;
		depends = find_field(fields->d_buf, fields->d_size, "depends");
		if (!depends)
			break;
		*ret_depends = depends;
		return 0;
	}
	return ktstr_error_set(error, -EBADMSG, "module '%s': no 'depends' in its .modinfo", what);
}

int module_name_from_path(const char *path, char name[MODULE_NAME_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t length = strcspn(base, ".");

	if (!length || length >= MODULE_NAME_MAX)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		unsigned char sign = (unsigned char)base[i];

		if (!isalnum(sign) && sign != '_' && sign != '-')
			return -EINVAL;
		name[i] = base[i];
		if (sign == '-')
			name[i] = '_';
	}
	name[length] = '\0';
	return 0;
}
