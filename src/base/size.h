/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Sizes as people write them: a whole number and its unit, "512MiB", "4GiB". A bare number is
 * refused, because bytes and MiB are equally likely to be meant; only 0 needs no unit.
 */

/* -EINVAL for what is no size, -ERANGE above 2^64 bytes. */
int size_parse(const char *text, uint64_t *ret_bytes, struct ktstr_error *error) KTSTR_MUST_CHECK;

#define SIZE_TEXT_MAX 32

/* "0 bytes", "318 KiB", "1.50 GiB": three digits and the unit. Returns buffer. */
const char *size_format(uint64_t bytes, char buffer[SIZE_TEXT_MAX]);
