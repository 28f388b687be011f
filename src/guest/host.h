/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include "wire/message_json.h"

/*
 * The agent's way to the host. Descriptors are borrowed. A control channel that does not take a
 * message within 10 s is the end of the agent: nobody would hear of anything it does.
 */
struct host {
	int ctl_fd;
	int log_fd; /* -1 when it failed: logs are lost then, the test goes on */
};

#define HOST_WRITE_TIMEOUT_MS 10000
/* The log is less than the test: a host that does not read it loses it. */
#define HOST_LOG_TIMEOUT_MS 1000

/* Takes over payload, which may be NULL: that is memory having run out. */
int host_send(const struct host *host, enum message_type type, json_t *payload,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Pass a frame on as it is. */
int host_forward(const struct host *host, const struct frame *frame,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* {"id": n} */
int host_done(const struct host *host, json_int_t id, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* {"id": n, "stage": s, "text": s}: request id failed, for that reason. */
int host_failed(const struct host *host, json_int_t id, const char *stage,
		const struct ktstr_error *reason, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* {"id": n, "exit_code": n | null, "signal": n | null} from a waitpid(2) status. */
int host_exited(const struct host *host, json_int_t id, int status,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Bytes for the log; type is one of LOG_. */
void host_log(struct host *host, enum message_type type, const void *data, size_t size);
