/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/*
 * Length of the UTF-8 sequence that text starts with; 0 when it is none: overlong, cut short, a
 * surrogate, above U+10FFFF. A zero byte ends text and has length 1.
 */
size_t utf8_length(const char *text);

/* Put '?' in the place of every byte that is no UTF-8. */
void utf8_repair(char *text);
