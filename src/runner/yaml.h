/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

/*
 * The little YAML that a TAP diagnostic block needs. Texts may come from the guest: whatever they
 * contain, the result is one well-formed value and cannot end the block or start a TAP line.
 */

/* A double-quoted scalar: control characters and bytes that are no UTF-8 are escaped. */
void yaml_quote(const char *text, FILE *out);

/* "<indent>key: "value"\n"; a value of several lines is a literal block, as yaml_block() writes it.
 */
void yaml_text(const char *indent, const char *key, const char *value, FILE *out);

/* The same as an entry of a list: "<indent>- "text"\n". */
void yaml_item(const char *indent, const char *text, FILE *out);

/*
 * A literal block, "<indent>key: |" and each line behind indent and two spaces. Carriage returns
 * and terminal sequences are dropped, other control characters become '?'. Writes nothing for an
 * empty text.
 */
void yaml_block(const char *indent, const char *key, const char *text, FILE *out);
