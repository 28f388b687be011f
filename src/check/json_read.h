/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Reading fields that somebody else wrote. Each call fetches one key of an object, checks type and
 * range and either fills its output or returns -EBADMSG with the place, the key, what is allowed
 * and what is there: "verdict: entries[3]: 'kind' has to be ..., is 7".
 */
struct json_place {
	const json_t *object;
	char name[48]; /* for error texts: "verdict: cgroups[12]" */
};

/* Begin to read value, which has to be an object, at the place that format names. */
int json_place_enter(struct json_place *place, const json_t *value, struct ktstr_error *error,
		     const char *format, ...)
	__attribute__((format(printf, 4, 5))) KTSTR_MUST_CHECK;

int json_read_u64(const struct json_place *place, const char *key, uint64_t max,
		  uint64_t *ret_value, struct ktstr_error *error) KTSTR_MUST_CHECK;
int json_read_int(const struct json_place *place, const char *key, int min, int max, int *ret_value,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
/* A finite number of at least 0. */
int json_read_double(const struct json_place *place, const char *key, double *ret_value,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;
int json_read_bool(const struct json_place *place, const char *key, bool *ret_value,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
/* Borrowed; at most max bytes, without a zero byte in them. */
int json_read_text(const struct json_place *place, const char *key, size_t max,
		   const char **ret_text, struct ktstr_error *error) KTSTR_MUST_CHECK;
/* Borrowed; at most max elements. */
int json_read_array(const struct json_place *place, const char *key, size_t max,
		    const json_t **ret_array, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The key is missing or null. */
bool json_read_is_null(const struct json_place *place, const char *key);

/* The failure itself, for what callers check: format says what is allowed, "one of ...". */
int json_read_refuse(const struct json_place *place, const char *key, const json_t *value,
		     struct ktstr_error *error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
