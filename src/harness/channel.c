// SPDX-License-Identifier: GPL-2.0-only
/* The test process's end of the pipe to the agent. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "check/verdict_json.h"
#include "harness/channel.h"
#include "wire/frame.h"

#define SEND_DEADLINE_MS 10000 /* the agent only copies: a full pipe means it is gone */

int channel_open(int *ret_fd, struct ktstr_error *error)
{
	const char *text = getenv(WIRE_CHANNEL_FD_ENV);
	char *end = NULL;
	long fd = text ? strtol(text, &end, 10) : -1;

	if (!text || !*text || *end || fd < 0 || fd > INT32_MAX || fcntl((int)fd, F_GETFD) < 0)
		return ktstr_error_set(
			error, -EBADF,
			"%s '%s' is no open descriptor; only ktstr-guest starts tests this way",
			WIRE_CHANNEL_FD_ENV, text ? text : "");
	/* Whatever the test starts must not hold the pipe open. */
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
		return ktstr_error_set(error, -errno, "descriptor %ld: %s", fd, strerror(errno));
	*ret_fd = (int)fd;
	return 0;
}

int channel_send(int fd, enum message_type type, const json_t *payload, struct ktstr_error *error)
{
	auto_free char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;

	if (!text)
		return ktstr_error_set(error, -ENOMEM, "no memory for a %s message",
				       message_type_str(type));
	return frame_write(fd, type, text, strlen(text), clock_deadline_ms(SEND_DEADLINE_MS),
			   error);
}

/* The outcome and the entry it hangs on. */
static json_t *short_result(const struct verdict *verdict)
{
	const struct verdict_entry *terminal = verdict_terminal(verdict);
	struct verdict *cut = verdict_new();
	json_t *json;

	if (!cut)
		return NULL;
	if (terminal) {
		verdict_set_phase(cut, terminal->phase.label);
		verdict_add(cut, terminal->outcome, terminal->kind, "%.4000s", terminal->message);
	}
	verdict_note(cut,
		     "the whole result did not fit a message of %u bytes: statistics are left out",
		     FRAME_PAYLOAD_MAX);
	json = verdict_to_json(cut);
	verdict_free(cut);
	return json;
}

int channel_send_result(int fd, const struct verdict *verdict, struct ktstr_error *error)
{
	json_t *json = verdict_to_json(verdict);
	int err = channel_send(fd, MESSAGE_RESULT, json, error);

	json_decref(json);
	if (err == -EMSGSIZE) {
		json = short_result(verdict);
		err = channel_send(fd, MESSAGE_RESULT, json, error);
		json_decref(json);
	}
	return err;
}
