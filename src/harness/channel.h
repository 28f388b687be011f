/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include <ktstr/error.h>

#include "check/verdict.h"
#include "wire/message.h"

/* From the test process to the agent: a pipe whose number stands in WIRE_CHANNEL_FD_ENV. */

/* The pipe, closed on exec from now on. -EBADF when this process was not started by the agent. */
int channel_open(int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Send payload (NULL: memory ran out, -ENOMEM) as one message. */
int channel_send(int fd, enum message_type type, const json_t *payload,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Send verdict as RESULT. When it is larger than a message holds, what decides the outcome is sent
 * without the rest, and says so.
 */
int channel_send_result(int fd, const struct verdict *verdict,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
