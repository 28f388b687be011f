// SPDX-License-Identifier: GPL-2.0-only
/* Collecting modules with the closure of their dependencies. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/tree.h"
#include "vm/kernel/modinfo.h"
#include "vm/kernel/modules.h"
#include "vm/kernel/payload.h"

#define LIST_LIMIT_BYTES (8U << 20)	/* modules.order of an allmodconfig: 400 kB */
#define MODULE_LIMIT_BYTES (256U << 20) /* amdgpu with debug information: 150 MB */
#define DEPTH_MAX 16			/* longest chain in 7.2: 6; a cycle ends here */

/* What a collection works on. */
struct collection {
	int tree, out;
	char *order;   /* modules.order: a path per line */
	char *builtin; /* modules.builtin: likewise */
	struct module_set set;
};

static void collection_release(struct collection *collection)
{
	free(collection->order);
	free(collection->builtin);
	module_set_release(&collection->set);
}
#define auto_collection __attribute__((cleanup(collection_release)))

void module_set_release(struct module_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->names[i]);
	free(set->names);
	*set = (struct module_set){ 0 };
}

/* The line of a list whose file is the module called name; its length, 0 when there is none. */
static size_t find_line(const char *list, const char *name, const char **ret_line)
{
	while (*list) {
		size_t length = strcspn(list, "\n");
		char path[PATH_MAX], found[MODULE_NAME_MAX];

		if (length && length < sizeof(path)) {
			memcpy(path, list, length);
			path[length] = '\0';
			if (!module_name_from_path(path, found) && !strcmp(found, name)) {
				*ret_line = list;
				return length;
			}
		}
		list += length + (list[length] == '\n');
	}
	return 0;
}

/* modules.order names kernel/x/y.ko, or x/y.o in a build tree from 6.2 on. */
static int read_module(const struct collection *collection, const char *name, const char *line,
		       size_t length, char **ret_data, size_t *ret_size, struct ktstr_error *error)
{
	static const char *const endings[] = { "", ".xz", ".zst", ".gz" };
	char path[PATH_MAX];
	size_t stem = length;

	while (stem && line[stem - 1] != '.' && line[stem - 1] != '/')
		stem--;
	if (!stem || line[stem - 1] != '.' || *line == '/' ||
	    stem + sizeof("ko.zst") > sizeof(path))
		return ktstr_error_set(error, -EBADMSG,
				       "modules.order: '%.*s' is not a module's path", (int)length,
				       line);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		auto_free char *packed = NULL;
		size_t size;
		int err;

		snprintf(path, sizeof(path), "%.*sko%s", (int)stem, line, endings[i]);
		if (strstr(path, "../"))
			return ktstr_error_set(error, -EBADMSG,
					       "modules.order: '%s' leaves the tree", path);
		err = file_read(collection->tree, path, MODULE_LIMIT_BYTES, &packed, &size, error);
		if (err == -ENOENT)
			continue;
		if (err)
			return err;
		return payload_unpack(path, packed, size, MODULE_LIMIT_BYTES, ret_data, ret_size,
				      error);
	}
	return ktstr_error_set(
		error, -ENOENT,
		"module '%s': '%.*sko' is in modules.order but not in the tree; were the "
		"modules built?",
		name, (int)stem, line);
}

static int append_name(struct module_set *set, const char *name)
{
	char **grown = reallocarray(set->names, set->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	set->names = grown;
	grown[set->count] = strdup(name);
	if (!grown[set->count])
		return -ENOMEM;
	set->count++;
	return 0;
}

static bool has_name(const struct module_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->names[i], name))
			return true;
	return false;
}

/* needed_by: NULL for a module we want but could do without. */
static int collect(struct collection *collection, const char *name, const char *needed_by,
		   unsigned depth, struct ktstr_error *error)
{
	auto_free char *data = NULL;
	const char *line, *depends;
	char file[MODULE_NAME_MAX + sizeof(".ko")];
	size_t length, size = 0;
	int err;

	if (has_name(&collection->set, name) || find_line(collection->builtin, name, &line))
		return 0;
	length = find_line(collection->order, name, &line);
	if (!length && !needed_by)
		return 0;
	if (!length)
		return ktstr_error_set(error, -ENOENT,
				       "module '%s' needs '%s', which is not in the tree",
				       needed_by, name);
	if (depth == DEPTH_MAX)
		return ktstr_error_set(error, -ELOOP, "module '%s': dependencies go deeper than %d",
				       name, DEPTH_MAX);
	err = read_module(collection, name, line, length, &data, &size, error);
	if (err)
		return err;
	err = modinfo_depends(name, data, size, &depends, error);
	if (err)
		return err;
	while (*depends) {
		size_t word = strcspn(depends, ",");
		char dependency[MODULE_NAME_MAX];

		if (word >= sizeof(dependency))
			return ktstr_error_set(error, -EBADMSG, "module '%s': depends on '%.*s'",
					       name, (int)word, depends);
		snprintf(file, sizeof(file), "%.*s", (int)word, depends);
		if (word && module_name_from_path(file, dependency))
			return ktstr_error_set(error, -EBADMSG, "module '%s': depends on '%s'",
					       name, file);
		err = word ? collect(collection, dependency, name, depth + 1, error) : 0;
		if (err)
			return err;
		depends += word + (depends[word] == ',');
	}
	snprintf(file, sizeof(file), "%s.ko", name);
	err = tree_write(collection->out, file, data, size, error);
	if (err)
		return err;
	err = append_name(&collection->set, name);
	return err ? ktstr_error_set(error, err, "module '%s': no memory", name) : 0;
}

static int write_load_order(const struct collection *collection, struct ktstr_error *error)
{
	auto_free char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return ktstr_error_set(error, -errno, "modules.load: %s", strerror(errno));
	for (size_t i = 0; i < collection->set.count; i++)
		fprintf(stream, "%s.ko\n", collection->set.names[i]);
	if (fclose(stream))
		return ktstr_error_set(error, -ENOMEM, "modules.load: no memory");
	return tree_write(collection->out, "modules.load", text, size, error);
}

/* A tree without the file has nothing of that kind. */
static int read_list(int tree, const char *name, char **ret_text, struct ktstr_error *error)
{
	int err = file_read(tree, name, LIST_LIMIT_BYTES, ret_text, NULL, error);

	if (err != -ENOENT)
		return err;
	*ret_text = strdup("");
	return *ret_text ? 0 : ktstr_error_set(error, -ENOMEM, "%s: no memory", name);
}

static int collect_all(struct collection *collection, const char *const *wanted,
		       struct ktstr_error *error)
{
	int err = 0;

	for (; !err && *wanted; wanted++)
		err = collect(collection, *wanted, NULL, 0, error);
	return err;
}

int modules_collect(int tree, const char *const *boot, const char *const *wanted, int out,
		    struct module_set *ret_set, struct ktstr_error *error)
{
	auto_collection struct collection collection = { .tree = tree, .out = out };
	int err = read_list(tree, "modules.order", &collection.order, error);

	if (err)
		return err;
	err = read_list(tree, "modules.builtin", &collection.builtin, error);
	if (err)
		return err;
	err = collect_all(&collection, boot, error);
	collection.set.boot_count = collection.set.count;
	if (!err)
		err = collect_all(&collection, wanted, error);
	if (err)
		return err;
	err = write_load_order(&collection, error);
	if (err)
		return err;
	*ret_set = collection.set;
	collection.set = (struct module_set){ 0 };
	return 0;
}
