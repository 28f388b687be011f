/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/*
 * Debian's control format (deb822): stanzas of "Name: value" lines parted by blank lines; lines
 * that begin with a blank go on with the value, lines that begin with # are comments.
 */

/*
 * The stanza at *cursor, which moves behind it; its length, 0 when there is none left. Nothing is
 * copied.
 */
size_t control_next_stanza(const char **cursor, const char **ret_stanza);

/*
 * The value of a field, continuation lines kept as they stand ("first\n second"), in fresh memory
 * the caller frees. NULL when the stanza has no such field, or there is no memory.
 */
char *control_field(const char *stanza, size_t length, const char *name);
