// SPDX-License-Identifier: GPL-2.0-only
/* What can be wrong with a payload before it runs. */
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "payload/payload.h"

const char *payload_exe(const struct ktstr_payload *payload)
{
	return payload->exe ? payload->exe : payload->name;
}

static bool is_empty(const char *text)
{
	return !text || !*text;
}

static int check_regex(const struct ktstr_output_metric *metric, struct ktstr_error *error)
{
	char reason[128];
	regex_t regex;
	int failed = regcomp(&regex, metric->from, REG_EXTENDED | REG_NEWLINE);

	if (!failed) {
		regfree(&regex);
		return 0;
	}
	regerror(failed, &regex, reason, sizeof(reason));
	return ktstr_error_set(error, -EINVAL, "output '%s': '%s' is no regular expression: %s",
			       metric->name, metric->from, reason);
}

static int check_output(const struct ktstr_output *output, struct ktstr_error *error)
{
	switch (output->kind) {
	case KTSTR_OUTPUT_KIND_EXIT_CODE:
	case KTSTR_OUTPUT_KIND_JSON:
	case KTSTR_OUTPUT_KIND_REGEX:
		break;
	default:
		return ktstr_error_set(error, -EINVAL,
				       "output: kind %d is none of KTSTR_OUTPUT_KIND_*",
				       (int)output->kind);
	}
	if (output->kind == KTSTR_OUTPUT_KIND_REGEX && !output->count)
		return ktstr_error_set(error, -EINVAL,
				       "output: no regular expression; name at least one metric");
	for (size_t i = 0; i < output->count; i++) {
		const struct ktstr_output_metric *metric = &output->metrics[i];
		int err = 0;

		if (is_empty(metric->name) || !metric->from)
			return ktstr_error_set(error, -EINVAL,
					       "output: metric %zu needs a name and where it "
					       "comes from",
					       i);
		if (output->kind == KTSTR_OUTPUT_KIND_REGEX)
			err = check_regex(metric, error);
		if (err)
			return err;
	}
	return 0;
}

static int check_bounds(const struct ktstr_metric_check *check, struct ktstr_error *error)
{
	switch (check->kind) {
	case KTSTR_METRIC_CHECK_MIN:
		if (isnan(check->min))
			break;
		return 0;
	case KTSTR_METRIC_CHECK_MAX:
		if (isnan(check->max))
			break;
		return 0;
	case KTSTR_METRIC_CHECK_RANGE:
		/* False for NaN too. */
		if (!(check->min <= check->max))
			return ktstr_error_set(error, -EINVAL,
					       "check of metric '%s': range %g to %g is empty",
					       check->metric, check->min, check->max);
		return 0;
	case KTSTR_METRIC_CHECK_EXISTS:
	case KTSTR_METRIC_CHECK_EXIT_CODE:
		return 0;
	}
	return ktstr_error_set(error, -EINVAL, "check of metric '%s': the bound is no number",
			       check->metric);
}

int payload_check_checks(const struct ktstr_metric_checks *checks, struct ktstr_error *error)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct ktstr_metric_check *check = &checks->checks[i];
		int err;

		if ((unsigned)check->kind > KTSTR_METRIC_CHECK_EXIT_CODE)
			return ktstr_error_set(error, -EINVAL,
					       "check %zu: kind %d is none of KTSTR_METRIC_CHECK_*",
					       i, (int)check->kind);
		if (check->kind != KTSTR_METRIC_CHECK_EXIT_CODE && is_empty(check->metric))
			return ktstr_error_set(error, -EINVAL, "check %zu names no metric", i);
		err = check_bounds(check, error);
		if (err)
			return err;
	}
	return 0;
}

static int check_hints(const struct ktstr_metric_hints *hints, struct ktstr_error *error)
{
	for (size_t i = 0; i < hints->count; i++) {
		const struct ktstr_metric_hint *hint = &hints->hints[i];

		if (is_empty(hint->metric))
			return ktstr_error_set(error, -EINVAL, "hint %zu names no metric", i);
		if ((unsigned)hint->polarity > KTSTR_TARGET_VALUE)
			return ktstr_error_set(error, -EINVAL,
					       "hint of metric '%s': polarity %d is none of enum "
					       "ktstr_polarity",
					       hint->metric, (int)hint->polarity);
		if (hint->polarity == KTSTR_TARGET_VALUE && !isfinite(hint->target))
			return ktstr_error_set(error, -EINVAL,
					       "hint of metric '%s': target %g is not finite",
					       hint->metric, hint->target);
	}
	return 0;
}

int payload_check(const struct ktstr_payload *payload, struct ktstr_error *error)
{
	int err;

	if (is_empty(payload->name))
		return ktstr_error_set(error, -EINVAL, "payload without a name");
	if (payload->exe && !*payload->exe)
		err = ktstr_error_set(error, -EINVAL, "exe is empty; leave it out to run '%s'",
				      payload->name);
	else
		err = check_output(&payload->output, error);
	if (!err)
		err = payload_check_checks(&payload->checks, error);
	if (!err)
		err = check_hints(&payload->hints, error);
	return err ? ktstr_error_wrap(error, err, "payload '%s'", payload->name) : 0;
}

/* "--a, --b", cut to size. */
static void list_flags(const char *const *flags, char *buffer, size_t size)
{
	size_t used = 0;

	snprintf(buffer, size, "none");
	for (size_t i = 0; flags[i] && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? ", " : "",
					 flags[i]);
}

static bool is_known(const char *const *flags, const char *name, size_t length)
{
	for (; *flags; flags++)
		if (strlen(*flags) == length && !memcmp(*flags, name, length))
			return true;
	return false;
}

int payload_check_flags(const struct ktstr_payload *payload, const char *const *args,
			struct ktstr_error *error)
{
	char known[256];

	if (!payload->known_flags)
		return 0;
	for (; args && *args; args++) {
		size_t length = strcspn(*args, "=");

		if (strncmp(*args, "--", 2) != 0 || length == 2 ||
		    is_known(payload->known_flags, *args, length))
			continue;
		list_flags(payload->known_flags, known, sizeof(known));
		return ktstr_error_set(error, -EINVAL,
				       "payload '%s': flag '%.*s' is not among its known flags "
				       "(%s); correct it, or add it to .known_flags",
				       payload->name, (int)length, *args, known);
	}
	return 0;
}
