/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/error.h>

#include "runner/facts.h"
#include "runner/group.h"
#include "runner/plan.h"
#include "vm/bundle.h"
#include "vm/initramfs.h"
#include "vm/template_store.h"
#include "vm/vm.h"

/* What the sessions of a run share. Borrowed, and read only. */
struct session_env {
	const struct qemu *qemu;
	const struct accel *accel;
	const char *kernel; /* path of what QEMU boots */
	const struct initramfs *initramfs;
	int stop_fd;  /* readable when the user wants to stop; the session does not read it */
	bool verbose; /* kernel messages on the console */
	struct template_store *templates; /* where guests come from; NULL: each is booted */
	struct test_group *group;	  /* of the test; NULL: it is alone */
	/* A line for the user about something unusual that the run survives; may be NULL. */
	void (*notice)(void *data, const char *text);
	void *notice_data;
};

/*
 * One test in one VM, from QEMU's start to its end. Keeps no global state, so several may run, a
 * thread each (QEMU dies with the thread that started it).
 *
 * Fills in ret_facts, which the caller releases, whatever happens: there is no failure beside the
 * facts. Every wait has a deadline, QEMU is gone afterwards.
 */
void session_run(const struct session_env *env, const struct test_plan *plan,
		 struct run_facts *ret_facts);

/* How long a guest may take until its agent answers: TCG boots big machines slowly. */
uint64_t session_boot_timeout_ms(const struct test_plan *plan);
