// SPDX-License-Identifier: GPL-2.0-only
/* Judging a run: a wrong exit code says all there is to say, metrics are judged one by one. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload/metrics.h"

#define STDERR_TAIL_BYTES 1024

__attribute__((format(printf, 2, 3))) static int add_failure(struct ktstr_payload_result *result,
							     const char *format, ...)
{
	char **grown = reallocarray(result->failures, result->num_failures + 1,
				    sizeof(*result->failures));
	char *text = NULL;
	va_list args;
	int length;

	if (!grown)
		return -ENOMEM;
	result->failures = grown;
	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	result->failures[result->num_failures++] = text;
	return 0;
}

/* The end of what it said, without white space behind it; *ret_size 0: nothing. */
static const char *stderr_tail(const struct ktstr_payload_result *result, size_t *ret_size)
{
	size_t end = result->err_size, begin;

	while (end && isspace((unsigned char)result->err[end - 1]))
		end--;
	begin = end > STDERR_TAIL_BYTES ? end - STDERR_TAIL_BYTES : 0;
	/* Not from the middle of a UTF-8 sequence. */
	while (begin && begin < end && ((unsigned char)result->err[begin] & 0xc0) == 0x80)
		begin++;
	*ret_size = end - begin;
	return result->err + begin;
}

static int fail_exit_code(struct ktstr_payload_result *result, int expected)
{
	char how[64] = "";
	size_t size;
	const char *tail = stderr_tail(result, &size);

	if (result->timed_out)
		snprintf(how, sizeof(how), " (killed at its timeout)");
	else if (result->signal)
		snprintf(how, sizeof(how), " (killed by signal %d)", result->signal);
	return add_failure(result, "exit code %d%s, expected %d%s%s%.*s", result->exit_code, how,
			   expected, size ? "; stderr: " : "",
			   tail > result->err && size ? "..." : "", (int)size, tail);
}

static int judge_metric(const struct ktstr_metric_check *check, struct ktstr_payload_result *result)
{
	const struct ktstr_metric *metric = ktstr_payload_result_metric(result, check->metric);

	if (!metric)
		return add_failure(result, "metric '%s' is missing: the output has no such number",
				   check->metric);
	/* Written so that a NaN passes nowhere. */
	switch (check->kind) {
	case KTSTR_METRIC_CHECK_MIN:
		if (!(metric->value >= check->min))
			return add_failure(result, "metric '%s' is %g%s, expected at least %g",
					   check->metric, metric->value, metric->unit, check->min);
		return 0;
	case KTSTR_METRIC_CHECK_MAX:
		if (!(metric->value <= check->max))
			return add_failure(result, "metric '%s' is %g%s, expected at most %g",
					   check->metric, metric->value, metric->unit, check->max);
		return 0;
	case KTSTR_METRIC_CHECK_RANGE:
		if (!(metric->value >= check->min && metric->value <= check->max))
			return add_failure(result, "metric '%s' is %g%s, expected %g to %g",
					   check->metric, metric->value, metric->unit, check->min,
					   check->max);
		return 0;
	case KTSTR_METRIC_CHECK_EXISTS:
	case KTSTR_METRIC_CHECK_EXIT_CODE:
		return 0;
	}
	return 0;
}

/* 1: it is wrong, and said so. */
static int judge_exit_code(const struct ktstr_metric_checks *checks,
			   struct ktstr_payload_result *result)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct ktstr_metric_check *check = &checks->checks[i];

		if (check->kind == KTSTR_METRIC_CHECK_EXIT_CODE &&
		    check->exit_code != result->exit_code)
			return fail_exit_code(result, check->exit_code) ?: 1;
	}
	return 0;
}

int metric_checks_judge(const struct ktstr_metric_checks *first,
			const struct ktstr_metric_checks *second,
			struct ktstr_payload_result *result)
{
	const struct ktstr_metric_checks *const lists[] = { first, second };
	int wrong = 0;

	result->num_checks = first->count + second->count;
	for (size_t i = 0; !wrong && i < 2; i++)
		wrong = judge_exit_code(lists[i], result);
	if (wrong)
		return wrong < 0 ? wrong : 0;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < lists[i]->count; k++) {
			const struct ktstr_metric_check *check = &lists[i]->checks[k];

			if (check->kind != KTSTR_METRIC_CHECK_EXIT_CODE &&
			    judge_metric(check, result))
				return -ENOMEM;
		}
	return 0;
}
