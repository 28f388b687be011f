// SPDX-License-Identifier: GPL-2.0-only
/* The client's side of QMP. One request at a time; its id tells a late answer from ours. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "vm/qmp.h"

#define READ_STEP 4096

struct qmp {
	int fd;
	bool greeted, ready, broken;
	char *line;
	size_t length, capacity;
	json_int_t last_id; /* of our requests; 0 is that of qmp_capabilities */
	char command[48];   /* of last_id, for errors */
	json_t *answer;	    /* to last_id */
	json_t *events;
};

static void auto_json_fn(json_t **json)
{
	json_decref(*json);
}
#define auto_json __attribute__((cleanup(auto_json_fn)))

int qmp_new(int *fd, struct qmp **ret_qmp, struct ktstr_error *error)
{
	struct qmp *qmp = calloc(1, sizeof(*qmp));
	json_t *events = json_array();

	if (!qmp || !events) {
		json_decref(events);
		free(qmp);
		return ktstr_error_set(error, -ENOMEM, "QMP: no memory");
	}
	/* Cannot fail on an open socket; if it did, reads would still follow poll. */
	fcntl(*fd, F_SETFL, O_NONBLOCK);
	qmp->fd = take_fd(fd);
	qmp->events = events;
	*ret_qmp = qmp;
	return 0;
}

void qmp_free(struct qmp *qmp)
{
	if (!qmp)
		return;
	if (qmp->fd >= 0)
		close(qmp->fd);
	json_decref(qmp->answer);
	json_decref(qmp->events);
	free(qmp->line);
	free(qmp);
}

int qmp_fd(const struct qmp *qmp)
{
	return qmp->fd;
}

bool qmp_ready(const struct qmp *qmp)
{
	return qmp->ready;
}

static int break_off(struct qmp *qmp, struct ktstr_error *error, const char *what)
{
	qmp->broken = true;
	if (qmp->fd >= 0)
		close(take_fd(&qmp->fd));
	return ktstr_error_set(error, -EBADMSG, "QMP: %s", what);
}

static int send_request(struct qmp *qmp, json_t *request, uint64_t deadline_ns,
			struct ktstr_error *error)
{
	auto_free char *text = json_dumps(request, JSON_COMPACT);
	size_t size, sent = 0;

	if (!text)
		return ktstr_error_set(error, -ENOMEM, "QMP: no memory");
	size = strlen(text);
	text[size++] = '\n'; /* in place of the terminator */
	while (sent < size) {
		struct pollfd room = { .fd = qmp->fd, .events = POLLOUT };
		ssize_t taken = send(qmp->fd, text + sent, size - sent, MSG_NOSIGNAL);

		if (taken >= 0)
			sent += (size_t)taken;
		else if (errno == EAGAIN && clock_poll_timeout_ms(deadline_ns) == 0)
			return ktstr_error_set(error, -ETIMEDOUT, "QMP: QEMU takes no request");
		else if (errno == EAGAIN)
			poll(&room, 1, clock_poll_timeout_ms(deadline_ns));
		else if (errno != EINTR)
			return ktstr_error_set(error, -EPIPE, "QMP: %s", strerror(errno));
	}
	return 0;
}

/* A greeting is short and QEMU reads at once: no need for a deadline of the caller's. */
static int send_capabilities(struct qmp *qmp, struct ktstr_error *error)
{
	auto_json json_t *request = json_pack("{s:s, s:i}", "execute", "qmp_capabilities", "id", 0);

	return send_request(qmp, request, clock_deadline_ms(1000), error);
}

static int handle_message(struct qmp *qmp, json_t *message, struct ktstr_error *error)
{
	json_t *id = json_object_get(message, "id");

	if (!qmp->greeted) {
		if (!json_is_object(json_object_get(message, "QMP")))
			return break_off(qmp, error, "no greeting");
		qmp->greeted = true;
		return send_capabilities(qmp, error);
	}
	if (json_object_get(message, "event")) {
		if (json_array_size(qmp->events) == QMP_EVENTS_MAX)
			return break_off(qmp, error, "too many unread events");
		return json_array_append(qmp->events, message)
			       ? ktstr_error_set(error, -ENOMEM, "QMP: no memory")
			       : 0;
	}
	if (!json_is_integer(id))
		return 0; /* an error about something without id: nothing waits for it */
	if (json_integer_value(id) == 0) {
		qmp->ready = !!json_object_get(message, "return");
		return qmp->ready ? 0 : break_off(qmp, error, "capabilities refused");
	}
	if (json_integer_value(id) == qmp->last_id && !qmp->answer)
		qmp->answer = json_incref(message);
	return 0;
}

static int handle_lines(struct qmp *qmp, struct ktstr_error *error)
{
	size_t start = 0;
	char *end;
	int err = 0;

	while (!err && (end = memchr(qmp->line + start, '\n', qmp->length - start))) {
		size_t length = (size_t)(end - qmp->line) - start;
		auto_json json_t *message = json_loadb(qmp->line + start, length, 0, NULL);

		if (!json_is_object(message))
			return break_off(qmp, error, "a line that is no JSON object");
		err = handle_message(qmp, message, error);
		start += length + 1;
	}
	qmp->length -= start;
	memmove(qmp->line, qmp->line + start, qmp->length);
	return err;
}

int qmp_handle(struct qmp *qmp, struct ktstr_error *error)
{
	if (qmp->broken)
		return ktstr_error_set(error, -EBADMSG, "QMP: connection broken");
	while (qmp->fd >= 0) {
		ssize_t got;
		int err;

		if (qmp->capacity - qmp->length < READ_STEP) {
			size_t wanted = qmp->capacity * 2 + READ_STEP;
			char *grown = wanted <= 2 * QMP_LINE_MAX ? realloc(qmp->line, wanted)
								 : NULL;

			if (!grown)
				return break_off(qmp, error, "a line that is too long");
			qmp->line = grown;
			qmp->capacity = wanted;
		}
		got = recv(qmp->fd, qmp->line + qmp->length, READ_STEP, MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return 0;
		if (got <= 0) {
			close(take_fd(&qmp->fd));
			return 0;
		}
		qmp->length += (size_t)got;
		err = handle_lines(qmp, error);
		if (err)
			return err;
	}
	return 0;
}

json_t *qmp_event_take(struct qmp *qmp)
{
	json_t *event = json_incref(json_array_get(qmp->events, 0));

	json_array_remove(qmp->events, 0);
	return event;
}

/* Handle input until what is waited for is there. */
static int wait_for(struct qmp *qmp, const char *command, uint64_t deadline_ns,
		    struct ktstr_error *error)
{
	bool answered;

	for (;;) {
		struct pollfd readable = { .fd = qmp->fd, .events = POLLIN };
		int err = qmp_handle(qmp, error);

		if (err)
			return err;
		answered = qmp->last_id ? qmp->answer != NULL : qmp->ready;
		if (answered)
			return 0;
		if (qmp->fd < 0)
			return ktstr_error_set(error, -EPIPE, "QMP '%s': QEMU is gone", command);
		if (clock_poll_timeout_ms(deadline_ns) == 0)
			return ktstr_error_set(error, -ETIMEDOUT, "QMP '%s': no answer", command);
		/* An early return (EINTR) only makes the loop look again. */
		readable.fd = qmp->fd;
		poll(&readable, 1, clock_poll_timeout_ms(deadline_ns));
	}
}

int qmp_submit(struct qmp *qmp, const char *command, json_t *arguments, uint64_t deadline_ns,
	       struct ktstr_error *error)
{
	json_int_t id = qmp->last_id + 1;

	if (qmp->broken)
		return ktstr_error_set(error, -EBADMSG, "QMP: connection broken");
	if (qmp->fd < 0)
		return ktstr_error_set(error, -EPIPE, "QMP '%s': QEMU is gone", command);
	assert(qmp->ready);
	auto_json json_t *request = json_pack("{s:s, s:I, s:O*}", "execute", command, "id", id,
					      "arguments", arguments);
	if (!request)
		return ktstr_error_set(error, -ENOMEM, "QMP '%s': no memory", command);
	qmp->last_id = id;
	snprintf(qmp->command, sizeof(qmp->command), "%s", command);
	json_decref(take_pointer(qmp->answer)); /* a late one, to a request that timed out */
	return send_request(qmp, request, deadline_ns, error);
}

bool qmp_answered(const struct qmp *qmp)
{
	return qmp->answer != NULL;
}

int qmp_answer_take(struct qmp *qmp, json_t **ret_result, struct ktstr_error *error)
{
	auto_json json_t *answer = take_pointer(qmp->answer);
	json_t *result = json_object_get(answer, "return");

	assert(answer);
	if (!result) {
		const char *why = json_string_value(
			json_object_get(json_object_get(answer, "error"), "desc"));

		return ktstr_error_set(error, -EREMOTEIO, "QMP '%s': %.300s", qmp->command,
				       why ? why : "neither result nor error");
	}
	if (ret_result)
		*ret_result = json_incref(result);
	return 0;
}

int qmp_execute(struct qmp *qmp, const char *command, json_t *arguments, uint64_t deadline_ns,
		json_t **ret_result, struct ktstr_error *error)
{
	int err = 0;

	if (!qmp->ready || qmp->broken)
		err = wait_for(qmp, command, deadline_ns, error);
	if (!err)
		err = qmp_submit(qmp, command, arguments, deadline_ns, error);
	if (!err)
		err = wait_for(qmp, command, deadline_ns, error);
	return err ? err : qmp_answer_take(qmp, ret_result, error);
}
