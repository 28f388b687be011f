// SPDX-License-Identifier: GPL-2.0-only
/* The first words to a restored guest, and its answer. */
#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "vm/ask.h"
#include "vm/resume.h"

int vm_resume_init(struct vm_resume *ret_resume, struct ktstr_error *error)
{
	*ret_resume = (struct vm_resume){ 0 };
	/* So few bytes come whole, from a kernel whose generator is ready: as it is after boot. */
	if (getrandom(ret_resume->entropy, RESUME_ENTROPY_BYTES, 0) != RESUME_ENTROPY_BYTES)
		return ktstr_error_set(error, -EIO, "getrandom: %s", strerror(errno));
	return 0;
}

static uint64_t realtime_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static json_t *request_json(const struct vm_resume *resume, json_int_t id)
{
	char hex[2 * RESUME_ENTROPY_BYTES + 1];

	for (size_t i = 0; i < RESUME_ENTROPY_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", resume->entropy[i]);
	return json_pack("{s:I, s:I, s:s}", "id", id, "realtime_ns",
			 (json_int_t)(resume->realtime_ns ? resume->realtime_ns
							  : realtime_now_ns()),
			 "entropy", hex);
}

int vm_resume(struct vm *vm, const struct vm_resume *resume, uint64_t limit_ms,
	      const struct vm_listener *listener, uint64_t *ret_uptime_us,
	      struct ktstr_error *error)
{
	const struct vm_wait wait = vm_wait_begin(vm, "resume guest", limit_ms, listener);
	json_int_t id = vm_next_id(vm), uptime_us;
	json_t *reply = NULL;
	int err = vm_ask(&wait, MESSAGE_RESUME, id, request_json(resume, id), &reply, error);

	if (err)
		return err;
	uptime_us = json_integer_value(json_object_get(reply, "uptime_us"));
	if (ret_uptime_us)
		*ret_uptime_us = uptime_us > 0 ? (uint64_t)uptime_us : 0;
	json_decref(reply);
	return 0;
}
