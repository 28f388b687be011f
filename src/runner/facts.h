/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/verdict.h"
#include "runner/outcome.h"
#include "base/tail.h"
#include "vm/console.h"
#include "vm/template_key.h"

/*
 * What was seen of one run, host and guest side. A session fills it in as things happen and
 * judges nothing; outcome_classify() judges and looks at nothing else.
 */

/* How far the run came; ascending. */
enum run_stage {
	STAGE_NOT_STARTED,
	STAGE_BOOT,	/* QEMU runs */
	STAGE_HELLO,	/* the agent has opened its channel */
	STAGE_AGENT,	/* HELLO arrived, topology as asked */
	STAGE_BUNDLE,	/* the test binary and its libraries are in the guest */
	STAGE_SCENARIO, /* RUN was sent */
	STAGE_DONE,	/* the agent has reported the end of the test */
};

/* A named piece of the run's time. */
struct run_phase {
	char name[32];
	uint64_t duration_ns;
};
#define RUN_PHASES_MAX 24

struct scheduler_exit {
	bool seen;
	char *name, *kind, *reason, *trace; /* NULL: not known */
};

struct run_facts {
	enum run_stage stage;
	char kernel[64];			 /* release, as the guest says; "" before HELLO */
	char template[TEMPLATE_NAME_DIGITS + 1]; /* the guest is a copy of; "": it was booted */

	struct verdict *verdict; /* NULL: no result arrived */
	bool exited;		 /* the test process has ended */
	int exit_code;		 /* -1: it did not exit by itself */
	int signal;		 /* 0: none */
	struct scheduler_exit scheduler_exit;
	char failed_stage[32]; /* what the agent could not do; "" when nothing failed */
	char failed_text[OUTCOME_TEXT_MAX];
	char last_milestone[64]; /* "step_start 0"; "" before the first */

	char infra_error[OUTCOME_TEXT_MAX];  /* the host could not do its part; "" */
	char stream_error[OUTCOME_TEXT_MAX]; /* a broken frame; "" */
	char vm_end[256];      /* how the VM ended though the run was not over; "": it did not */
	bool qemu_died;	       /* and that was no doing of the guest */
	uint64_t timed_out_ms; /* the limit that passed; 0: none did */
	bool unresponsive;     /* it did not react to the request to power off either */
	bool interrupted;      /* by a signal to the tool */

	enum console_notice trouble; /* the worst in the kernel's log */
	char trouble_line[256];
	char *console; /* the kernel's log as far as it was kept; NULL: nothing */
	struct tail scheduler_log, test_log;
	struct tail processes; /* what those of a test were doing that was ended */

	struct run_phase phases[RUN_PHASES_MAX];
	size_t phases_count;
	uint64_t duration_ns; /* of the whole run */
	uint64_t cleanup_ns;  /* from the end of the test to that of QEMU; 0: not reached */
};

void run_facts_release(struct run_facts *facts);

/* Add a phase; beyond RUN_PHASES_MAX they are left out. */
void run_facts_add_phase(struct run_facts *facts, const char *name, uint64_t duration_ns);

/* The outcome of a run; expect_err turns FAIL and SCHED_EXIT into PASS, and PASS into FAIL. */
void outcome_classify(const struct run_facts *facts, bool expect_err, struct outcome *ret_outcome);
