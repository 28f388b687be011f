/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include <ktstr/error.h>

/*
 * Typed members of a request. json_unpack() would do, but its errors do not name the member that
 * has the wrong type. -EBADMSG; strings are borrowed from message.
 */
int field_integer(const json_t *message, const char *key, json_int_t *ret_value,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
int field_string(const json_t *message, const char *key, const char **ret_value,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* A string, null or absent: NULL for the latter two. */
int field_string_or_null(const json_t *message, const char *key, const char **ret_value,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;
