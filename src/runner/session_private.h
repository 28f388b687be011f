/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>

#include "runner/session.h"

#define GUEST_PATH_MAX (NAME_MAX + 32)

/* A session in the making, shared by session.c and session_messages.c. */
struct session {
	const struct test_plan *plan;
	struct run_facts *facts;
	struct vm *vm;
	char binary[GUEST_PATH_MAX], object[GUEST_PATH_MAX]; /* there */
	json_int_t run_id;				     /* 0: not asked yet */
	uint64_t hello_ns;				     /* 0: not yet */
	uint64_t agent_us;    /* what the agent took from its start to HELLO */
	uint64_t test_end_ns; /* 0: not yet */
	bool replied;	      /* DONE or FAILED for run_id */
	bool ending;	      /* the guest was asked to power off */
	bool ended;	      /* QEMU is gone */
	bool guest_ended_it;  /* and the guest did that: it powered off or reset itself */
};

/* Take down what an event says. */
void session_handle(struct session *session, const struct vm_event *event);
