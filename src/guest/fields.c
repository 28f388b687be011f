// SPDX-License-Identifier: GPL-2.0-only
/* Members of requests. */
#include <errno.h>

#include "guest/fields.h"

int field_integer(const json_t *message, const char *key, json_int_t *ret_value,
		  struct ktstr_error *error)
{
	const json_t *value = json_object_get(message, key);

	if (!json_is_integer(value))
		return ktstr_error_set(error, -EBADMSG, "'%s' is %s, not a number", key,
				       value ? "something else" : "missing");
	*ret_value = json_integer_value(value);
	return 0;
}

int field_string(const json_t *message, const char *key, const char **ret_value,
		 struct ktstr_error *error)
{
	const json_t *value = json_object_get(message, key);

	if (!json_is_string(value))
		return ktstr_error_set(error, -EBADMSG, "'%s' is %s, not a string", key,
				       value ? "something else" : "missing");
	*ret_value = json_string_value(value);
	return 0;
}

int field_string_or_null(const json_t *message, const char *key, const char **ret_value,
			 struct ktstr_error *error)
{
	const json_t *value = json_object_get(message, key);

	if (!value || json_is_null(value)) {
		*ret_value = NULL;
		return 0;
	}
	return field_string(message, key, ret_value, error);
}
