// SPDX-License-Identifier: GPL-2.0-only
/* Checked reading of JSON fields, with one shape of error text. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check/json_read.h"

/* What stands where something else should: short, whatever the sender put there. */
static const char *describe(const json_t *value, char *buffer, size_t size)
{
	if (!value)
		return "missing";
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		snprintf(buffer, size, "an array of %zu", json_array_size(value));
		return buffer;
	case JSON_STRING:
		if (json_string_length(value) <= 32)
			snprintf(buffer, size, "'%s'", json_string_value(value));
		else
			snprintf(buffer, size, "a text of %zu bytes", json_string_length(value));
		return buffer;
	case JSON_INTEGER:
		snprintf(buffer, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return buffer;
	case JSON_REAL:
		snprintf(buffer, size, "%g", json_real_value(value));
		return buffer;
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "null";
	}
	return "unknown";
}

int json_read_refuse(const struct json_place *place, const char *key, const json_t *value,
		     struct ktstr_error *error, const char *format, ...)
{
	char allowed[256], seen[64];
	va_list args;

	va_start(args, format);
	vsnprintf(allowed, sizeof(allowed), format, args);
	va_end(args);
	return ktstr_error_set(error, -EBADMSG, "%s: '%s' has to be %s, is %s", place->name, key,
			       allowed, describe(value, seen, sizeof(seen)));
}

int json_place_enter(struct json_place *place, const json_t *value, struct ktstr_error *error,
		     const char *format, ...)
{
	char seen[64];
	va_list args;

	va_start(args, format);
	vsnprintf(place->name, sizeof(place->name), format, args);
	va_end(args);
	place->object = value;
	if (!json_is_object(value))
		return ktstr_error_set(error, -EBADMSG, "%s: has to be an object, is %s",
				       place->name, describe(value, seen, sizeof(seen)));
	return 0;
}

bool json_read_is_null(const struct json_place *place, const char *key)
{
	const json_t *value = json_object_get(place->object, key);

	return !value || json_is_null(value);
}

int json_read_u64(const struct json_place *place, const char *key, uint64_t max,
		  uint64_t *ret_value, struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max)
		return json_read_refuse(place, key, value, error, "a whole number in 0..=%" PRIu64,
					max);
	*ret_value = (uint64_t)json_integer_value(value);
	return 0;
}

int json_read_int(const struct json_place *place, const char *key, int min, int max, int *ret_value,
		  struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return json_read_refuse(place, key, value, error, "a whole number in %d..=%d", min,
					max);
	*ret_value = (int)json_integer_value(value);
	return 0;
}

int json_read_double(const struct json_place *place, const char *key, double *ret_value,
		     struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);
	double number = json_number_value(value);

	if (!json_is_number(value) || !isfinite(number) || number < 0)
		return json_read_refuse(place, key, value, error, "a finite number of at least 0");
	*ret_value = number;
	return 0;
}

int json_read_bool(const struct json_place *place, const char *key, bool *ret_value,
		   struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	if (!json_is_boolean(value))
		return json_read_refuse(place, key, value, error, "true or false");
	*ret_value = json_is_true(value);
	return 0;
}

int json_read_text(const struct json_place *place, const char *key, size_t max,
		   const char **ret_text, struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	if (!json_is_string(value) || json_string_length(value) > max ||
	    strlen(json_string_value(value)) != json_string_length(value))
		return json_read_refuse(place, key, value, error,
					"a text of at most %zu bytes, none of them 0", max);
	*ret_text = json_string_value(value);
	return 0;
}

int json_read_array(const struct json_place *place, const char *key, size_t max,
		    const json_t **ret_array, struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	if (!json_is_array(value) || json_array_size(value) > max)
		return json_read_refuse(place, key, value, error,
					"an array of at most %zu elements", max);
	*ret_array = value;
	return 0;
}
