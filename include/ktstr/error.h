/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_ERROR_H
#define KTSTR_ERROR_H

#include <stdarg.h>

#include <ktstr/export.h>

/*
 * Why a call failed, in one line a user can act on.
 *
 * The caller owns it (stack, static or shared memory; it contains no pointers) and may pass
 * NULL where only the code matters. Every call that can fail returns 0 or a negative errno and
 * takes a struct ktstr_error last. Success leaves the object alone, so one object can serve a
 * whole sequence of calls.
 */
struct ktstr_error {
	int code;	 /* negative errno of the innermost failure; 0: none yet */
	char text[1024]; /* "outer: inner", lower case, no newline, always terminated */
};

/*
 * Record a failure and return its code, so that failing is one line:
 *
 *	return ktstr_error_set(error, -ERANGE, "cgroup '%s': cpu.weight %u out of range 1..=10000",
 *			       name, weight);
 *
 * code must be negative (asserted). A text that does not fit is cut and ends in "...".
 */
KTSTR_API int ktstr_error_set(struct ktstr_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
KTSTR_API int ktstr_error_vset(struct ktstr_error *error, int code, const char *format,
			       va_list args) __attribute__((format(printf, 3, 0)));

/*
 * Put context in front of a failure that a callee has already recorded, and return code:
 * "<context>: <what the callee said>". Wrap only to add what the callee cannot know.
 */
KTSTR_API int ktstr_error_wrap(struct ktstr_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The assertion, for tools that look at one file at a time: without it they follow paths on which
 * a call has failed with 0.
 */
#ifdef __clang_analyzer__
static inline int ktstr_error_negative(int code)
{
	if (code >= 0)
		__builtin_unreachable();
	return code;
}
#define ktstr_error_set(...) ktstr_error_negative(ktstr_error_set(__VA_ARGS__))
#define ktstr_error_vset(...) ktstr_error_negative(ktstr_error_vset(__VA_ARGS__))
#define ktstr_error_wrap(...) ktstr_error_negative(ktstr_error_wrap(__VA_ARGS__))
#endif

#endif
