/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "runner/session.h"

/* What tells the guests of two tests apart. */
struct warm_guest {
	struct ktstr_topology topology;
	unsigned memory_mib;
	struct vm_devices devices;
};

struct warmed {
	char template[TEMPLATE_NAME_DIGITS + 1];
	bool made; /* else it was there */
};

/*
 * Make the template that tests with this guest start from, unless there is one; it is restored
 * once, which proves it. env->templates must not be NULL. An error says why there is none.
 */
int session_warm(const struct session_env *env, const struct warm_guest *guest,
		 struct warmed *ret_warmed, struct ktstr_error *error) KTSTR_MUST_CHECK;
