/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/work.h>

/* Every kind of work, in the order of KTSTR_WORK_TYPES; NULL behind the last. */
extern const struct ktstr_work_ops *const work_kinds[];

/* Whether its default parameters make up work; those of Sequence do not. */
bool work_has_default(const struct ktstr_work_ops *ops);
