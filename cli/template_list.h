/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

#include "vm/template_store.h"

/* The same listing for people and for programs. */
void template_list_print_table(const struct template_list *list, uint64_t budget_bytes, FILE *out);

/* An array of objects. -ENOMEM is the only failure. */
int template_list_print_json(const struct template_list *list, FILE *out) KTSTR_MUST_CHECK;
