/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "check/json_read.h"
#include "runner/facts.h"

/* What a test's process says, which reaches a runner from a guest or from this machine. */

/* EVENT: the last one is kept. -EBADMSG names the field at fault. */
int facts_take_event(struct run_facts *facts, const struct json_place *place,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* RESULT, of which there is one. */
int facts_take_result(struct run_facts *facts, const struct json_place *place,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
