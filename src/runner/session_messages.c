// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest says, taken down as facts. The guest may say anything: every field is checked, and
 * a message that makes no sense ends the trust in its stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "check/json_read.h"
#include "runner/facts_messages.h"
#include "runner/session_private.h"
#include "vm/vm_config.h"
#include "wire/message_json.h"

#define NAME_MAX_BYTES 63
#define TEXT_MAX_BYTES 65536
#define AGENT_PANIC "PANIC: " /* how the agent says on the console that it cannot go on */

static void set_text(char *target, size_t size, const char *text)
{
	snprintf(target, size, "%.*s", (int)size - 1, text);
}

static int take_event(struct session *session, const struct json_place *place,
		      struct ktstr_error *error)
{
	return facts_take_event(session->facts, place, error);
}

static int take_result(struct session *session, const struct json_place *place,
		       struct ktstr_error *error)
{
	return facts_take_result(session->facts, place, error);
}

/* {"id": n, "exit_code": n | null, "signal": n | null} */
static int take_exited(struct session *session, const struct json_place *place,
		       struct ktstr_error *error)
{
	int exit_code = -1, signal = 0, err = 0;

	if (!json_read_is_null(place, "exit_code"))
		err = json_read_int(place, "exit_code", 0, 255, &exit_code, error);
	if (!err && !json_read_is_null(place, "signal"))
		err = json_read_int(place, "signal", 1, 64, &signal, error);
	if (err)
		return err;
	session->facts->exited = true;
	session->facts->exit_code = exit_code;
	session->facts->signal = signal;
	return 0;
}

static int take_copy(const struct json_place *place, const char *key, char **ret_text,
		     struct ktstr_error *error)
{
	const char *text;
	int err;

	if (json_read_is_null(place, key))
		return 0;
	err = json_read_text(place, key, TEXT_MAX_BYTES, &text, error);
	if (!err && *text) {
		free(*ret_text);
		*ret_text = strdup(text);
	}
	return err;
}

/* {"name": s, "kind": s, "reason": s, "trace": s, "at_us": n} */
static int take_scheduler_exit(struct session *session, const struct json_place *place,
			       struct ktstr_error *error)
{
	struct scheduler_exit *exit = &session->facts->scheduler_exit;
	int err = take_copy(place, "name", &exit->name, error);

	if (!err)
		err = take_copy(place, "kind", &exit->kind, error);
	if (!err)
		err = take_copy(place, "reason", &exit->reason, error);
	if (!err)
		err = take_copy(place, "trace", &exit->trace, error);
	exit->seen = true;
	return err;
}

/* Replies to anything but the run are the bundle's. */
static int take_reply(struct session *session, const struct json_place *place, bool failed,
		      struct ktstr_error *error)
{
	struct run_facts *facts = session->facts;
	const char *stage, *text;
	uint64_t id;
	int err = json_read_u64(place, "id", INT64_MAX, &id, error);

	if (err || !session->run_id || id != (uint64_t)session->run_id)
		return err;
	if (failed) {
		err = json_read_text(place, "stage", TEXT_MAX_BYTES, &stage, error);
		if (!err)
			err = json_read_text(place, "text", TEXT_MAX_BYTES, &text, error);
		if (err)
			return err;
		set_text(facts->failed_stage, sizeof(facts->failed_stage), stage);
		set_text(facts->failed_text, sizeof(facts->failed_text), text);
	}
	session->replied = true;
	return 0;
}

static int take_done(struct session *session, const struct json_place *place,
		     struct ktstr_error *error)
{
	return take_reply(session, place, false, error);
}

static int take_failed(struct session *session, const struct json_place *place,
		       struct ktstr_error *error)
{
	return take_reply(session, place, true, error);
}

/* When the agent began: the first of its phases. */
static int read_agent_time(struct session *session, const struct json_place *place,
			   struct ktstr_error *error)
{
	struct json_place first;
	const json_t *phases;
	uint64_t now_us, began_us;
	int err = json_read_u64(place, "uptime_us", INT64_MAX, &now_us, error);

	if (!err)
		err = json_read_array(place, "phases", 64, &phases, error);
	if (err || json_array_size(phases) == 0)
		return err;
	err = json_place_enter(&first, json_array_get(phases, 0), error, "HELLO: phases[0]");
	if (!err)
		err = json_read_u64(&first, "at_us", now_us, &began_us, error);
	if (!err)
		session->agent_us = now_us - began_us;
	return err;
}

static int take_hello(struct session *session, const struct json_place *place,
		      struct ktstr_error *error)
{
	struct run_facts *facts = session->facts;
	const char *kernel, *differs;
	struct json_place topology;
	int protocol, err = json_read_int(place, "protocol", 0, INT32_MAX, &protocol, error);

	if (!err && protocol != WIRE_PROTOCOL)
		err = ktstr_error_set(error, -EBADMSG, "the agent speaks protocol %d, this tool %d",
				      protocol, WIRE_PROTOCOL);
	if (!err)
		err = json_read_text(place, "kernel", NAME_MAX_BYTES, &kernel, error);
	if (!err)
		err = read_agent_time(session, place, error);
	if (!err)
		err = json_place_enter(&topology, json_object_get(place->object, "topology"), error,
				       "HELLO: topology");
	if (err)
		return err;
	set_text(facts->kernel, sizeof(facts->kernel), kernel);
	session->hello_ns = clock_now_ns();
	if (json_read_is_null(&topology, "error"))
		return 0;
	err = json_read_text(&topology, "error", TEXT_MAX_BYTES, &differs, error);
	if (!err) {
		set_text(facts->failed_stage, sizeof(facts->failed_stage), "topology");
		set_text(facts->failed_text, sizeof(facts->failed_text), differs);
	}
	return err;
}

static const struct handler {
	enum message_type type;
	int (*take)(struct session *session, const struct json_place *place,
		    struct ktstr_error *error);
} handlers[] = {
	{ MESSAGE_HELLO, take_hello },
	{ MESSAGE_EVENT, take_event },
	{ MESSAGE_RESULT, take_result },
	{ MESSAGE_EXITED, take_exited },
	{ MESSAGE_SCHED_EXIT, take_scheduler_exit },
	{ MESSAGE_DONE, take_done },
	{ MESSAGE_FAILED, take_failed },
};

static int take_message(struct session *session, const struct frame *frame,
			struct ktstr_error *error)
{
	const struct handler *handler = NULL;
	struct json_place place;
	json_t *json = NULL;
	int err;

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == frame->type)
			handler = &handlers[i];
	if (!handler)
		return ktstr_error_set(error, -EBADMSG, "%s (%d) is no message of an agent",
				       message_type_str(frame->type), (int)frame->type);
	err = message_parse(frame, &json, error);
	if (!err)
		err = json_place_enter(&place, json, error, "%s", message_type_str(frame->type));
	if (!err)
		err = handler->take(session, &place, error);
	json_decref(json);
	return err;
}

static void take_control(struct session *session, const struct frame *frame)
{
	struct run_facts *facts = session->facts;
	struct ktstr_error error = { 0 };

	if (facts->stream_error[0] || take_message(session, frame, &error) == 0)
		return;
	snprintf(facts->stream_error, sizeof(facts->stream_error), "message from the guest: %.450s",
		 error.text);
}

static void take_log(struct session *session, const struct frame *frame)
{
	struct run_facts *facts = session->facts;
	struct tail *log = frame->type == MESSAGE_LOG_SCHED	  ? &facts->scheduler_log
			   : frame->type == MESSAGE_LOG_PROCESSES ? &facts->processes
								  : &facts->test_log;

	tail_append(log, frame->payload, frame->length);
}

static void take_line(struct session *session, const char *line)
{
	struct run_facts *facts = session->facts;

	if (facts->failed_stage[0] || strncmp(line, AGENT_PANIC, strlen(AGENT_PANIC)) != 0)
		return;
	set_text(facts->failed_stage, sizeof(facts->failed_stage), "agent");
	set_text(facts->failed_text, sizeof(facts->failed_text), line + strlen(AGENT_PANIC));
}

/* {"event": "SHUTDOWN", "data": {"guest": bool, ...}}: by its own doing, or QEMU's? */
static void take_qmp(struct session *session, const json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "event"));
	const json_t *data = json_object_get(json, "data");
	const char *id = json_string_value(json_object_get(data, "id"));

	if (name && strcmp(name, "SHUTDOWN") == 0)
		session->guest_ended_it = json_is_true(json_object_get(data, "guest"));
	/* The guest has opened or closed a port. */
	if (name && strcmp(name, "VSERPORT_CHANGE") == 0 && id &&
	    strcmp(id, VM_PORT_PREFIX "ctl") == 0 && json_is_true(json_object_get(data, "open")) &&
	    session->facts->stage == STAGE_BOOT)
		session->facts->stage = STAGE_HELLO;
}

static void take_end(struct session *session)
{
	struct run_facts *facts = session->facts;

	session->ended = true;
	if (session->ending || session->replied)
		return;
	set_text(facts->vm_end, sizeof(facts->vm_end), vm_end_text(session->vm));
	facts->qemu_died = !session->guest_ended_it;
}

void session_handle(struct session *session, const struct vm_event *event)
{
	struct run_facts *facts = session->facts;

	switch (event->kind) {
	case VM_EVENT_CTL:
		take_control(session, &event->frame);
		break;
	case VM_EVENT_LOG:
		take_log(session, &event->frame);
		break;
	case VM_EVENT_CONSOLE:
		take_line(session, event->line);
		break;
	case VM_EVENT_QMP:
		take_qmp(session, event->json);
		break;
	case VM_EVENT_WATCHED:
		facts->interrupted = true;
		break;
	case VM_EVENT_BROKEN:
		if (!facts->stream_error[0])
			set_text(facts->stream_error, sizeof(facts->stream_error),
				 event->error.text);
		break;
	case VM_EVENT_EXIT:
		take_end(session);
		break;
	case VM_EVENT_TTY:
	case VM_EVENT_MACHINE:
	case VM_EVENT_ANSWER:
	case VM_EVENT_TIMEOUT:
		break;
	}
}
