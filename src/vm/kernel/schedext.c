// SPDX-License-Identifier: GPL-2.0-only
/* The verdict whether schedulers can be loaded into a kernel, from its configuration and BTF. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "vm/kernel/schedext.h"

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}
#define auto_btf __attribute__((cleanup(free_btf)))

/* Whole lines only: CONFIG_SCHED_CLASS_EXT=y must not match in a longer name or a comment. */
static bool config_has_line(const char *config, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = config; at; at = strchr(at, '\n')) {
		if (*at == '\n')
			at++;
		if (!strncmp(at, line, length) && (at[length] == '\n' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* const struct bpf_prog_aux *, whatever the qualifiers. */
static bool is_prog_aux_pointer(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	if (!type || !btf_is_ptr(type))
		return false;
	for (type = btf__type_by_id(btf, type->type); type && btf_is_mod(type);)
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_composite(type) &&
	       !strcmp(btf__name_by_offset(btf, type->name_off) ?: "", "bpf_prog_aux");
}

/*
 * A kfunc whose last parameter should have been hidden. A parameter named *__prog (6.18, 6.19)
 * or *__ign is part of the prototype that schedulers declare, so it does no harm.
 */
static bool keeps_hidden_argument(const struct btf *btf, const struct btf_type *func)
{
	const char *name = btf__name_by_offset(btf, func->name_off) ?: "";
	const struct btf_type *proto;
	const struct btf_param *last;
	const char *last_name;

	if (strncmp(name, "scx_bpf_", strlen("scx_bpf_")) || text_ends_with(name, "_impl"))
		return false;
	proto = btf__type_by_id(btf, func->type);
	if (!proto || !btf_is_func_proto(proto) || !btf_vlen(proto))
		return false;
	last = btf_params(proto) + btf_vlen(proto) - 1;
	last_name = btf__name_by_offset(btf, last->name_off) ?: "";
	return is_prog_aux_pointer(btf, last->type) && !text_ends_with(last_name, "__prog") &&
	       !text_ends_with(last_name, "__ign");
}

static void judge_btf(const struct btf *btf, struct sched_ext_support *support)
{
	unsigned kept = 0;
	const char *example = NULL;

	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (!type || !btf_is_func(type) || !keeps_hidden_argument(btf, type))
			continue;
		if (!example)
			example = btf__name_by_offset(btf, type->name_off);
		kept++;
	}
	support->usable = kept == 0;
	if (kept)
		snprintf(support->reason, sizeof(support->reason),
			 "its BTF keeps the hidden argument of %u scx_bpf_* kfuncs (%s, ...), so "
			 "schedulers fail to load: func_proto incompatible",
			 kept, example);
}

int sched_ext_judge(const char *config, const void *btf_data, size_t btf_size,
		    struct sched_ext_support *ret_support, struct ktstr_error *error)
{
	struct sched_ext_support support = { 0 };
	auto_btf struct btf *btf = NULL;

	if (btf_data) {
		if (btf_size > UINT32_MAX)
			return ktstr_error_set(error, -EFBIG,
					       "BTF of %zu bytes is larger than 4 GiB", btf_size);
		btf = btf__new(btf_data, (__u32)btf_size);
		if (!btf) {
			int err = -errno;

			return ktstr_error_set(error, err, "BTF of %zu bytes is damaged: %s",
					       btf_size, strerror(-err));
		}
	}
	if (config)
		support.compiled_in = config_has_line(config, "CONFIG_SCHED_CLASS_EXT=y");
	else if (btf)
		support.compiled_in = btf__find_by_name_kind(btf, "sched_ext_ops",
							     BTF_KIND_STRUCT) > 0;
	if (!config && !btf)
		snprintf(support.reason, sizeof(support.reason),
			 "not known: neither a configuration nor BTF");
	else if (!support.compiled_in)
		snprintf(support.reason, sizeof(support.reason),
			 "not compiled in (CONFIG_SCHED_CLASS_EXT)");
	else if (!btf)
		snprintf(support.reason, sizeof(support.reason),
			 "no BTF (CONFIG_DEBUG_INFO_BTF), which schedulers are loaded by");
	else
		judge_btf(btf, &support);
	*ret_support = support;
	return 0;
}
