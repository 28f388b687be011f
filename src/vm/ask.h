/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/vm_wait.h"
#include "wire/message.h"

/*
 * Ask the agent something and wait for its DONE, which *ret_reply is (may be NULL; else the
 * caller's to release). request is taken over, NULL means that memory ran out; its "id" is id.
 * Fails as vm_wait_until() does, or with -EREMOTEIO and the agent's words.
 */
int vm_ask(const struct vm_wait *wait, enum message_type type, json_int_t id, json_t *request,
	   json_t **ret_reply, struct ktstr_error *error) KTSTR_MUST_CHECK;
