/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/process.h"
#include "vm/vm.h"

/* What vm.c (life) and vm_pump.c (events) share. */

#define READ_STEP 4096
/* QEMU complains in a line or two; the end is what counts. */
#define STDERR_KEEP 2048

/* ctl, log and QMP break once each; one more for poll(2) itself. */
#define BROKEN_MAX 4

/* What vm_poll() listens to, in the order in which it is delivered. */
enum channel { CTL, LOG, CONSOLE, TTY, QEMU_STDERR, CHANNELS };

struct vm {
	struct process qemu;
	struct process_end end;
	bool ended;
	int fds[CHANNELS]; /* -1: closed, or never there */
	struct frame_reader *readers[LOG + 1];
	struct qmp *qmp;
	struct console *console;

	char input[READ_STEP]; /* console bytes that are not yet lines */
	size_t input_start, input_end;
	uint8_t tty[READ_STEP];
	size_t tty_size;
	char complaint[STDERR_KEEP + 1];
	size_t complaint_length;

	struct ktstr_error broken[BROKEN_MAX]; /* not yet reported */
	unsigned broken_count;
	json_t *event;		  /* lent out with the last VM_EVENT_QMP */
	bool machine_told;	  /* VM_EVENT_MACHINE */
	bool answer_told;	  /* VM_EVENT_ANSWER, for what QMP holds */
	char shutdown_reason[32]; /* of QMP's SHUTDOWN */
	int watched[VM_WATCHED_MAX];
	unsigned watched_count;
	unsigned watched_ready; /* bits */
	uint64_t expired_ns;	/* the deadline after which we have looked once more */

	json_int_t last_id;
	int state_fd; /* its number in QEMU, see struct vm_config */
	struct vm_times times;
	char end_text[STDERR_KEEP + 128];
};
