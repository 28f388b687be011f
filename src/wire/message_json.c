// SPDX-License-Identifier: GPL-2.0-only
/* JSON objects in and out of frames. */
#include <errno.h>

#include "base/cleanup.h"
#include "wire/message_json.h"

int message_write(int fd, enum message_type type, const json_t *payload, uint64_t deadline_ns,
		  struct ktstr_error *error)
{
	auto_free char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;

	if (!text)
		return ktstr_error_set(error, -ENOMEM, "message %s: no memory to encode it",
				       message_type_str(type));
	return frame_write(fd, type, text, strlen(text), deadline_ns, error);
}

int message_parse(const struct frame *frame, json_t **ret_payload, struct ktstr_error *error)
{
	json_error_t where;
	json_t *payload = json_loadb((const char *)frame->payload, frame->length,
				     JSON_REJECT_DUPLICATES, &where);

	if (!payload)
		return ktstr_error_set(error, -EBADMSG, "message %s of %zu bytes: %s at byte %d",
				       message_type_str(frame->type), frame->length, where.text,
				       where.position);
	if (!json_is_object(payload)) {
		json_decref(payload);
		return ktstr_error_set(error, -EBADMSG,
				       "message %s of %zu bytes: not a JSON object",
				       message_type_str(frame->type), frame->length);
	}
	*ret_payload = payload;
	return 0;
}
