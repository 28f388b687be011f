/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

/* A path that stays below where it starts: no part that is empty, "." or "..". */
bool attach_dest_is_valid(const char *dest);
