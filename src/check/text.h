/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdarg.h>

/*
 * A formatted text that can travel in a verdict: at most VERDICT_TEXT_MAX bytes (a longer one ends
 * in "...") of valid UTF-8 (a byte that is not becomes '?'). The caller frees; NULL: no memory.
 */
char *text_new(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_vnew(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
