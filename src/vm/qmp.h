/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * QEMU's machine protocol on a stream socket: JSON objects, one a line. Memory is bounded by one
 * line of QMP_LINE_MAX and QMP_EVENTS_MAX unread events; a peer that exceeds either, or says what
 * is not JSON, breaks the connection for good (-EBADMSG).
 */
struct qmp;

#define QMP_LINE_MAX ((size_t)1 << 20)
#define QMP_EVENTS_MAX 64

/* Takes fd, which becomes non-blocking. Sends nothing: capabilities follow the greeting. */
int qmp_new(int *fd, struct qmp **ret_qmp, struct ktstr_error *error) KTSTR_MUST_CHECK;
void qmp_free(struct qmp *qmp); /* NULL-safe */

/* For poll(2); -1 once QEMU has closed it. */
int qmp_fd(const struct qmp *qmp);

/* Read and handle what is there, without waiting. 0, or -EBADMSG. */
int qmp_handle(struct qmp *qmp, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Greeting and capabilities are through: qmp_execute() will not have to wait for them. */
bool qmp_ready(const struct qmp *qmp);

/* The oldest unread event ({"event": ..., "data": ...}) as a reference of the caller's, or NULL. */
json_t *qmp_event_take(struct qmp *qmp);

/*
 * Execute command with arguments (borrowed, may be NULL) and wait for its answer; events that come
 * meanwhile are kept. *ret_result (may be NULL) is a new reference to the "return" value.
 * -EREMOTEIO with QEMU's words when it refuses, -ETIMEDOUT, -EPIPE when QEMU is gone.
 */
int qmp_execute(struct qmp *qmp, const char *command, json_t *arguments, uint64_t deadline_ns,
		json_t **ret_result, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The same in two steps, for those who have other things to listen to as well; only once
 * qmp_ready(). The answer comes in by qmp_handle(); qmp_answer_take() needs it to be there. A new
 * request forgets the one before.
 */
int qmp_submit(struct qmp *qmp, const char *command, json_t *arguments, uint64_t deadline_ns,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;
bool qmp_answered(const struct qmp *qmp);
int qmp_answer_take(struct qmp *qmp, json_t **ret_result,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
