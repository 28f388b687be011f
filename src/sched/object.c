// SPDX-License-Identifier: GPL-2.0-only
/* Opening a scheduler's .bpf.o and finding the struct_ops map in it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "sched/object.h"

#define OPS_TYPE "sched_ext_ops"
#define NAMES_MAX 256

/* The type of the variable that the map was made from; "?" when the object's BTF lacks it. */
static const struct btf_type *map_struct(const struct btf *btf, const struct bpf_map *map)
{
	static const char *const sections[] = { ".struct_ops.link", ".struct_ops",
						"?.struct_ops.link", "?.struct_ops" };

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		int id = btf__find_by_name_kind(btf, sections[i], BTF_KIND_DATASEC);
		const struct btf_type *section = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

		for (int v = 0; section && v < btf_vlen(section); v++) {
			const struct btf_var_secinfo *info = btf_var_secinfos(section) + v;
			const struct btf_type *var = btf__type_by_id(btf, info->type);
			int type_id;

			if (strcmp(btf__name_by_offset(btf, var->name_off), bpf_map__name(map)))
				continue;
			type_id = btf__resolve_type(btf, var->type);
			return type_id > 0 ? btf__type_by_id(btf, (__u32)type_id) : NULL;
		}
	}
	return NULL;
}

/* True for "sched_ext_ops" and its flavours, "sched_ext_ops___6_12". */
static bool is_ops_type(const char *name)
{
	size_t length = strlen(OPS_TYPE);

	return !strncmp(name, OPS_TYPE, length) &&
	       (!name[length] || !strncmp(name + length, "___", 3));
}

static const char *map_type_name(const struct btf *btf, const struct bpf_map *map)
{
	const struct btf_type *type = map_struct(btf, map);

	return type ? btf__name_by_offset(btf, type->name_off) : "?";
}

/* Lists the struct_ops maps for an error; returns how many hold a scheduler, the last in found. */
static unsigned find_maps(struct bpf_object *object, const char *wanted, struct bpf_map **found,
			  char names[NAMES_MAX])
{
	const struct btf *btf = bpf_object__btf(object);
	unsigned count = 0;
	size_t used = 0;
	struct bpf_map *map;

	names[0] = '\0';
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS || !btf)
			continue;
		if (used < NAMES_MAX)
			used += (size_t)snprintf(names + used, NAMES_MAX - used, "%s'%s' (%s)",
						 used ? ", " : "", bpf_map__name(map),
						 map_type_name(btf, map));
		if (!is_ops_type(map_type_name(btf, map)))
			continue;
		if (wanted && strcmp(bpf_map__name(map), wanted))
			continue;
		*found = map;
		count++;
	}
	return count;
}

static int choose_map(struct scx_object *object, const char *path, const char *struct_ops,
		      struct ktstr_error *error)
{
	char names[NAMES_MAX];
	unsigned count = find_maps(object->object, struct_ops, &object->map, names);
	struct bpf_map *map;

	if (count == 0 && struct_ops)
		return ktstr_error_set(error, -ENOENT,
				       "no struct_ops map '%s' of type " OPS_TYPE
				       " in '%s'; it has: %s",
				       struct_ops, path, names[0] ? names : "none");
	if (count == 0)
		return ktstr_error_set(error, -ENOENT,
				       "no struct_ops map of type " OPS_TYPE " in '%s'; it has: %s",
				       path, names[0] ? names : "none");
	if (count > 1)
		return ktstr_error_set(error, -ENOTUNIQ,
				       "%u struct_ops maps in '%s': %s; name one as .struct_ops",
				       count, path, names);
	bpf_object__for_each_map(
		map, object->object) if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS &&
					 map != object->map &&
					 is_ops_type(map_type_name(bpf_object__btf(object->object),
								   map)))
		bpf_map__set_autocreate(map, false);
	/* SEC("?.struct_ops") asks to be chosen. */
	bpf_map__set_autocreate(object->map, true);
	return 0;
}

/* Read ops.name out of the map's initial value. */
static int read_ops_name(struct scx_object *object, const char *path, struct ktstr_error *error)
{
	const struct btf *btf = bpf_object__btf(object->object);
	const struct btf_type *type = map_struct(btf, object->map);
	size_t size = 0;
	const char *value = bpf_map__initial_value(object->map, &size);

	for (int m = 0; value && m < btf_vlen(type); m++) {
		const struct btf_member *member = btf_members(type) + m;
		size_t offset = btf_member_bit_offset(type, (__u32)m) / 8;

		if (strcmp(btf__name_by_offset(btf, member->name_off), "name") || offset >= size)
			continue;
		snprintf(object->ops_name, sizeof(object->ops_name), "%.*s", (int)(size - offset),
			 value + offset);
	}
	if (!object->ops_name[0])
		return ktstr_error_set(
			error, -EINVAL,
			"struct_ops map '%s' in '%s' has no .name: the kernel wants one",
			bpf_map__name(object->map), path);
	return 0;
}

/* libbpf has codes of its own, from 4000 on, for what is wrong with a file. */
static int open_failure(const char *path, int code, struct ktstr_error *error)
{
	char text[128];

	libbpf_strerror(code, text, sizeof(text));
	return ktstr_error_set(error, code >= __LIBBPF_ERRNO__START ? -ENOEXEC : -code,
			       "open BPF object '%s': %s", path, text);
}

int scx_object_open(const char *path, const char *struct_ops, struct scx_object *ret_object,
		    struct ktstr_error *error)
{
	struct scx_object object = { .object = bpf_object__open_file(path, NULL) };
	int err;

	if (!object.object)
		return open_failure(path, errno, error);
	err = choose_map(&object, path, struct_ops, error);
	if (!err)
		err = read_ops_name(&object, path, error);
	if (err) {
		scx_object_release(&object);
		return err;
	}
	*ret_object = object;
	return 0;
}

void scx_object_release(struct scx_object *object)
{
	bpf_object__close(object->object);
	*object = (struct scx_object){ 0 };
}
