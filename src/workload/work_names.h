/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/work.h>

/* Every kind of work, in the order of KTSTR_WORK_TYPES; NULL behind the last. */
extern const struct ktstr_work_ops *const work_kinds[];

/*
 * The kind of this name, letter by letter, whether or not it needs parameters. -EINVAL: there is
 * none; the text names the nearest.
 */
int work_kind_find(const char *name, const struct ktstr_work_ops **ret_ops,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
