/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include "wire/frame.h"

/* Messages whose payload is a JSON object, which is all that message.h does not call bytes. */

/* Encode payload (borrowed) and write it as one frame; as frame_write(), and -ENOMEM. */
int message_write(int fd, enum message_type type, const json_t *payload, uint64_t deadline_ns,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Decode the payload of frame into a new reference. -EBADMSG when it is not a JSON object; the
 * text names the message and the place.
 */
int message_parse(const struct frame *frame, json_t **ret_payload,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
