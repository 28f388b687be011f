/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "sched/state.h"

struct bpf_map;
struct bpf_object;

/* A .bpf.o that is open but not loaded, with the struct_ops map that is its scheduler. */
struct scx_object {
	struct bpf_object *object;
	struct bpf_map *map;		 /* owned by object */
	char ops_name[SCX_OPS_NAME_MAX]; /* as sysfs will show it */
};

/*
 * Open path and find its scheduler: the struct_ops map called struct_ops, or the only one of type
 * sched_ext_ops when struct_ops is NULL. Needs no privilege and asks nothing of the kernel. Other
 * sched_ext_ops maps in the object are left out of the load.
 */
int scx_object_open(const char *path, const char *struct_ops, struct scx_object *ret_object,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Also unloads it. Safe on a zeroed object. */
void scx_object_release(struct scx_object *object);
