/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>

#include "runner/session.h"

#define GUEST_PATH_MAX (NAME_MAX + 32)

/* A session in the making, shared by the three files of sessions. */
struct session {
	const struct test_plan *plan;
	struct run_facts *facts;
	struct vm *vm;
	char binary[GUEST_PATH_MAX], object[GUEST_PATH_MAX]; /* there */
	struct bundle *bundle;				     /* NULL: not prepared yet */
	struct ktstr_error bundle_error;
	json_int_t run_id;    /* 0: not asked yet */
	uint64_t hello_ns;    /* 0: not yet */
	uint64_t agent_us;    /* what the agent took from its start to HELLO */
	uint64_t test_end_ns; /* 0: not yet */
	bool replied;	      /* DONE or FAILED for run_id */
	bool ending;	      /* the guest was asked to power off */
	bool ended;	      /* QEMU is gone */
	bool guest_ended_it;  /* and the guest did that: it powered off or reset itself */
};

/* Take down what an event says. */
void session_handle(struct session *session, const struct vm_event *event);

/*
 * Get the guest, its agent waiting for a request, into session->vm. False: it failed, or the user
 * wants to stop; the facts say which.
 */
bool session_boot(struct session *session, const struct session_env *env);

/* Gather what the guest will need; for the time in which QEMU starts. Once. */
void session_prepare_bundle(struct session *session, const struct session_env *env);

/* The run is over, before its time. */
bool session_over(const struct session *session);

/* Handle events until done says so, the run is over, or the deadline has passed (false). */
bool session_wait(struct session *session, bool (*done)(const struct session *),
		  uint64_t deadline_ns);

/* The host could not do its part; the first reason counts. */
void session_infra_error(struct session *session, const struct ktstr_error *error);

/* A piece of the run's time; left out when it did not take place. */
void session_add_phase(struct session *session, const char *name, uint64_t begin_ns,
		       uint64_t end_ns);
