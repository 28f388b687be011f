/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include <ktstr/error.h>

/* The RUN message, as far as the agent needs it; strings are borrowed from the message. */
struct run_request {
	json_int_t id;
	const char *binary, *test;
	json_int_t timeout_ms;
	struct {
		const char *name; /* label in results; NULL: no scheduler */
		const char *object;
		const char *struct_ops; /* NULL: the only one */
	} scheduler;
};

/* -EBADMSG names the field at fault. ret_request->id is valid as soon as the message has one. */
int run_request_parse(const json_t *message, struct run_request *ret_request,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
