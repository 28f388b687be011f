/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

#include "vm/kernel/store.h"

/* The same listing for people and for programs. */
void kernel_list_print_table(const struct kernel_list *list, FILE *out);

/* An array of objects. -ENOMEM is the only failure. */
int kernel_list_print_json(const struct kernel_list *list, FILE *out) KTSTR_MUST_CHECK;
