/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "runner/session.h"
#include "runner/test_bundle.h"

/* A session in the making, shared by the files of sessions. */
struct session {
	const struct test_plan *plan;
	struct run_facts *facts;
	struct vm *vm;
	struct test_group *group; /* NULL: there is no test, see warm.h */
	struct test_paths paths;
	bool hot;	      /* the binary waits in the guest */
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

/*
 * Start a copy of a saved guest, VM_START_RESTORE or VM_START_DERIVE, up to where its agent waits
 * for a request with a clock and randomness of its own.
 */
int session_bring_back(struct session *session, const struct session_env *env,
		       const struct vm_config *config, struct ktstr_error *error);

/* The VM is of no more use; what it said is forgotten with it. */
void session_discard(struct session *session);

/* Before the guest is a test's own, all that counts is that the user may want to stop. */
void session_hear_stop(void *data, const struct vm_event *event);

/* Tell the user. */
void session_notice(const struct session_env *env, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The template in which the test's binary waits, the caller's to free; NULL: there is none. key is
 * that of the template it is derived from. session_make_hot() makes it from base where it is
 * missing, if enough tests are alike. What goes wrong is noticed; the user's wish to stop is in the
 * facts.
 */
struct template *session_find_hot(struct session *session, const struct session_env *env,
				  const struct template_key *key);
struct template *session_make_hot(struct session *session, const struct session_env *env,
				  const struct vm_config *config, const struct template_key *key,
				  const struct template *base);

/* A copy of hot could not be had. */
void session_lose_hot(struct session *session, const struct session_env *env,
		      const struct template *hot, const struct ktstr_error *why);

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
