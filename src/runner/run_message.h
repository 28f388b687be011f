/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include "runner/plan.h"

/* Where a test runs. */
struct run_message_place {
	const char *binary, *object; /* paths there; object: of the scheduler, if there is one */
	/* On this machine: where its cgroups go. NULL: in a guest. */
	const char *cgroup_parent, *walk_root;
};

/* The RUN message (wire/message.h): a new reference; NULL when memory ran out. */
json_t *run_message_new(const struct test_plan *plan, json_int_t id,
			const struct run_message_place *place);
