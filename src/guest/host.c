// SPDX-License-Identifier: GPL-2.0-only
/* Messages to the host. */
#include <errno.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "guest/host.h"

int host_send(const struct host *host, enum message_type type, json_t *payload,
	      struct ktstr_error *error)
{
	int err = message_write(host->ctl_fd, type, payload,
				clock_deadline_ms(HOST_WRITE_TIMEOUT_MS), error);

	json_decref(payload);
	return err;
}

int host_forward(const struct host *host, const struct frame *frame, struct ktstr_error *error)
{
	return frame_write(host->ctl_fd, frame->type, frame->payload, frame->length,
			   clock_deadline_ms(HOST_WRITE_TIMEOUT_MS), error);
}

int host_done(const struct host *host, json_int_t id, struct ktstr_error *error)
{
	return host_send(host, MESSAGE_DONE, json_pack("{s:I}", "id", id), error);
}

int host_failed(const struct host *host, json_int_t id, const char *stage,
		const struct ktstr_error *reason, struct ktstr_error *error)
{
	json_t *payload = json_pack("{s:I, s:s, s:s}", "id", id, "stage", stage, "text",
				    reason->text);

	/* A text that is not UTF-8, from a file name for example, does not fit into JSON. */
	if (!payload)
		payload = json_pack("{s:I, s:s, s:s}", "id", id, "stage", stage, "text",
				    "(the reason is not valid UTF-8)");
	return host_send(host, MESSAGE_FAILED, payload, error);
}

int host_exited(const struct host *host, json_int_t id, int status, struct ktstr_error *error)
{
	return host_send(
		host, MESSAGE_EXITED,
		json_pack("{s:I, s:o, s:o}", "id", id, "exit_code",
			  WIFEXITED(status) ? json_integer(WEXITSTATUS(status)) : json_null(),
			  "signal",
			  WIFSIGNALED(status) ? json_integer(WTERMSIG(status)) : json_null()),
		error);
}

void host_log(struct host *host, enum message_type type, const void *data, size_t size)
{
	const char *at = data;

	while (size && host->log_fd >= 0) {
		size_t part = size < FRAME_PAYLOAD_MAX ? size : FRAME_PAYLOAD_MAX;

		if (frame_write(host->log_fd, type, at, part,
				clock_deadline_ms(HOST_LOG_TIMEOUT_MS), NULL))
			host->log_fd = -1;
		at += part;
		size -= part;
	}
}
