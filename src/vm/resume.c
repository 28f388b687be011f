// SPDX-License-Identifier: GPL-2.0-only
/* The first words to a restored guest, and its answer. */
#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "vm/resume.h"
#include "vm/vm_wait.h"
#include "wire/message_json.h"

struct exchange {
	json_int_t id;
	uint64_t uptime_us;
};

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

/* DONE {"id", "uptime_us"} or FAILED {"id", "stage", "text"}, from a guest that may say anything. */
static int is_reply(void *data, const struct vm_event *event, struct ktstr_error *error)
{
	struct exchange *exchange = data;
	const char *text;
	json_t *reply;
	int verdict;

	if (event->kind == VM_EVENT_BROKEN)
		return ktstr_error_set(error, event->error.code, "%s", event->error.text);
	if (event->kind != VM_EVENT_CTL ||
	    (event->frame.type != MESSAGE_DONE && event->frame.type != MESSAGE_FAILED))
		return 0;
	verdict = message_parse(&event->frame, &reply, error);
	if (verdict)
		return verdict;
	if (json_integer_value(json_object_get(reply, "id")) == exchange->id) {
		json_int_t uptime_us = json_integer_value(json_object_get(reply, "uptime_us"));

		text = json_string_value(json_object_get(reply, "text"));
		exchange->uptime_us = uptime_us > 0 ? (uint64_t)uptime_us : 0;
		verdict = event->frame.type == MESSAGE_DONE
				  ? 1
				  : ktstr_error_set(error, -EREMOTEIO, "the agent: %.500s",
						    text ? text : "no reason given");
	}
	json_decref(reply);
	return verdict;
}

int vm_resume(struct vm *vm, const struct vm_resume *resume, uint64_t limit_ms,
	      const struct vm_listener *listener, uint64_t *ret_uptime_us,
	      struct ktstr_error *error)
{
	struct vm_wait wait = vm_wait_begin(vm, "resume guest", limit_ms, listener);
	struct exchange exchange = { .id = vm_next_id(vm) };
	json_t *request = request_json(resume, exchange.id);
	int err = request ? vm_send_json(vm, MESSAGE_RESUME, request, wait.deadline_ns, error)
			  : ktstr_error_set(error, -ENOMEM, "no memory");

	json_decref(request);
	/* A broken pipe is explained by the end of QEMU, which the wait finds. */
	if (err && err != -EPIPE)
		return ktstr_error_wrap(error, err, "%s", wait.purpose);
	err = vm_wait_until(&wait, is_reply, &exchange, error);
	if (!err && ret_uptime_us)
		*ret_uptime_us = exchange.uptime_us;
	return err;
}
