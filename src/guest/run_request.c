// SPDX-License-Identifier: GPL-2.0-only
/* Reading the RUN message. */
#include <errno.h>
#include <string.h>

#include "guest/fields.h"
#include "guest/run_request.h"

static int parse_scheduler(const json_t *scheduler, struct run_request *request,
			   struct ktstr_error *error)
{
	int err;

	if (json_is_null(scheduler))
		return 0;
	if (!json_is_object(scheduler))
		return ktstr_error_set(error, -EBADMSG,
				       "'scheduler' is neither an object nor null");
	err = field_string(scheduler, "name", &request->scheduler.name, error);
	if (!err)
		err = field_string(scheduler, "object", &request->scheduler.object, error);
	if (!err)
		err = field_string_or_null(scheduler, "struct_ops", &request->scheduler.struct_ops,
					   error);
	return err ? ktstr_error_wrap(error, err, "'scheduler'") : 0;
}

static int parse(const json_t *message, struct run_request *request, struct ktstr_error *error)
{
	int err = field_integer(message, "id", &request->id, error);

	if (!err)
		err = field_string(message, "binary", &request->binary, error);
	if (!err)
		err = field_string(message, "test", &request->test, error);
	if (!err)
		err = field_integer(message, "timeout_ms", &request->timeout_ms, error);
	if (!err)
		err = parse_scheduler(json_object_get(message, "scheduler"), request, error);
	if (err)
		return err;
	if (*request->binary != '/')
		return ktstr_error_set(error, -EBADMSG, "'binary' '%s' is not an absolute path",
				       request->binary);
	if (request->timeout_ms <= 0)
		return ktstr_error_set(error, -EBADMSG,
				       "'timeout_ms' is %" JSON_INTEGER_FORMAT ", not above 0",
				       request->timeout_ms);
	return 0;
}

int run_request_parse(const json_t *message, struct run_request *ret_request,
		      struct ktstr_error *error)
{
	int err;

	*ret_request = (struct run_request){ 0 };
	err = parse(message, ret_request, error);
	return err ? ktstr_error_wrap(error, err, "message RUN") : 0;
}
