/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/cgroup.h>
#include <ktstr/payload.h>

/*
 * Payloads without a test around them: include/ktstr/payload.h says what a run is, and
 * scenario/payload.c puts a test's context in the place of struct payload_env.
 */

/* What a run needs of those who started it; copied, but what it points to outlives the run. */
struct payload_env {
	struct ktstr_cgroups *cgroups; /* where options->cgroup is looked for */
	unsigned *next_index;
	/* A run has ended and was judged: called once for each that is waited for or killed. */
	void (*record)(void *data, const struct ktstr_payload_result *result);
	/* Something a reader of the result should know. */
	void (*note)(void *data, const char *text);
	void *data;
};

int payload_spawn(const struct payload_env *env, const struct ktstr_payload *payload,
		  const struct ktstr_payload_options *options, struct ktstr_payload_run **ret_run,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

int payload_run(const struct payload_env *env, const struct ktstr_payload *payload,
		const struct ktstr_payload_options *options,
		struct ktstr_payload_result **ret_result,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * -EINVAL for the first of args (NULL: none) that begins with "--" and is not among the payload's
 * known flags; a bare "--" passes. payload_spawn() asks this too.
 */
int payload_check_flags(const struct ktstr_payload *payload, const char *const *args,
			struct ktstr_error *error) KTSTR_MUST_CHECK;

/* -EINVAL for a declaration that cannot work, with the field and its value in the text. */
int payload_check(const struct ktstr_payload *payload, struct ktstr_error *error) KTSTR_MUST_CHECK;
int payload_check_checks(const struct ktstr_metric_checks *checks,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The program as it is declared: .exe, or the name. */
const char *payload_exe(const struct ktstr_payload *payload);
