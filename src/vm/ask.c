// SPDX-License-Identifier: GPL-2.0-only
/* A request to the agent and its answer. */
#include <errno.h>

#include "vm/ask.h"
#include "wire/message_json.h"

struct exchange {
	json_int_t id;
	json_t *reply;
};

/* DONE {"id", ...} or FAILED {"id", "stage", "text"}, from a guest that may say anything. */
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
	if (json_integer_value(json_object_get(reply, "id")) != exchange->id) {
		json_decref(reply);
		return 0;
	}
	if (event->frame.type == MESSAGE_DONE) {
		exchange->reply = reply;
		return 1;
	}
	text = json_string_value(json_object_get(reply, "text"));
	verdict = ktstr_error_set(error, -EREMOTEIO, "the agent: %.500s",
				  text ? text : "no reason given");
	json_decref(reply);
	return verdict;
}

int vm_ask(const struct vm_wait *wait, enum message_type type, json_int_t id, json_t *request,
	   json_t **ret_reply, struct ktstr_error *error)
{
	struct exchange exchange = { .id = id };
	int err = request ? vm_send_json(wait->vm, type, request, wait->deadline_ns, error)
			  : ktstr_error_set(error, -ENOMEM, "no memory");

	json_decref(request);
	/* A broken pipe is explained by the end of QEMU, which the wait finds. */
	if (err && err != -EPIPE)
		return ktstr_error_wrap(error, err, "%s", wait->purpose);
	err = vm_wait_until(wait, is_reply, &exchange, error);
	if (!err && ret_reply)
		*ret_reply = exchange.reply;
	else
		json_decref(exchange.reply);
	return err;
}
