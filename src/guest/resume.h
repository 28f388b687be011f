/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * RESUME: this guest is a copy of one that was saved, minutes or weeks ago, and there may be others
 * like it. It gets the time of today and randomness of its own; everything else that goes by time
 * in the kernel stood still with the guest.
 */
#define RESUME_ENTROPY_MIN 32  /* what seeds the kernel's generator: 256 bits */
#define RESUME_ENTROPY_MAX 512 /* its pool takes no more at once */

struct resume_request {
	json_int_t id;
	uint64_t realtime_ns; /* since 1970 */
	uint8_t entropy[RESUME_ENTROPY_MAX];
	size_t entropy_size;
};

/* -EBADMSG names the field at fault. ret_request->id is valid as soon as the message has one. */
int resume_request_parse(const json_t *message, struct resume_request *ret_request,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * What resume_apply() needs of the file system, so that no copy has to go through paths for it. -1:
 * not to be had, which resume_apply() will tell.
 */
int resume_open(void);

/*
 * Set CLOCK_REALTIME, mix in the entropy and make the kernel use it from now on. Needs root.
 * random_fd is resume_open()'s.
 */
int resume_apply(const struct resume_request *request, int random_fd,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;
