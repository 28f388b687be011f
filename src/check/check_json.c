// SPDX-License-Identifier: GPL-2.0-only
/* A test's checks as JSON: the host tells the guest what to demand. */
#include <errno.h>
#include <string.h>

#include "check/json_read.h"
#include "check/json_write.h"
#include "check/verdict_json.h"

static json_t *tristate_to_json(enum ktstr_tristate value)
{
	if (value == KTSTR_UNSET)
		return json_null();
	return json_string(value == KTSTR_YES ? "yes" : "no");
}

json_t *check_to_json(const struct ktstr_check *check)
{
	json_auto_t *json = NULL;
	int err = 0;

	if (check_validate(check, NULL))
		return NULL;
	json = json_object();
	err |= json_object_set_new(json, "not_stuck", tristate_to_json(check->not_stuck));
	err |= json_object_set_new(json, "isolation", tristate_to_json(check->isolation));
	err |= json_object_set_new(json, "max_gap_ms",
				   check->max_gap_ms ? json_u64(check->max_gap_ms) : json_null());
#define X(field)                                                                                   \
	err |= json_object_set_new(json, #field,                                                   \
				   check->field != 0 ? json_real(check->field) : json_null());
	KTSTR_CHECK_DOUBLES(X)
#undef X
	return err ? NULL : json_incref(json);
}

static int read_tristate(const struct json_place *place, const char *key,
			 enum ktstr_tristate *ret_value, struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);
	const char *text = json_string_value(value);

	if (json_read_is_null(place, key))
		*ret_value = KTSTR_UNSET;
	else if (text && strcmp(text, "yes") == 0)
		*ret_value = KTSTR_YES;
	else if (text && strcmp(text, "no") == 0)
		*ret_value = KTSTR_NO;
	else
		return json_read_refuse(place, key, value, error, "'yes', 'no' or null");
	return 0;
}

int check_from_json(const json_t *json, struct ktstr_check *ret_check, struct ktstr_error *error)
{
	struct ktstr_check check = { 0 };
	struct json_place place;
	int err = json_place_enter(&place, json, error, "check");

	if (!err)
		err = read_tristate(&place, "not_stuck", &check.not_stuck, error);
	if (!err)
		err = read_tristate(&place, "isolation", &check.isolation, error);
	if (!err && !json_read_is_null(&place, "max_gap_ms"))
		err = json_read_u64(&place, "max_gap_ms", INT64_MAX, &check.max_gap_ms, error);
#define X(field)                                                                                   \
	if (!err && !json_read_is_null(&place, #field))                                            \
		err = json_read_double(&place, #field, &check.field, error);
	KTSTR_CHECK_DOUBLES(X)
#undef X
	if (err)
		return err;
	*ret_check = check;
	return 0;
}
