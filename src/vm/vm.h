/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/console.h"
#include "vm/qmp.h"
#include "vm/vm_config.h"
#include "wire/frame.h"

/*
 * A running VM: a QEMU process and the host's ends of its channels. There is nothing of it in the
 * file system, and it does not outlive us: not vm_free(), not the end of the thread that booted it
 * (so that thread has to be one that stays), not a SIGKILL.
 */
struct vm;

/*
 * Start QEMU and return at once; that it runs shows in vm_poll(). Fails with the reason when the
 * machine cannot be built, the kernel cannot be read, QEMU is not installed.
 */
int vm_boot(const struct vm_config *config, struct vm **ret_vm,
	    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Kill QEMU and reap it, bounded by PROCESS_KILL_MS. NULL-safe. */
void vm_free(struct vm *vm);

enum vm_event_kind {
	VM_EVENT_TIMEOUT, /* the deadline passed; nothing else happened */
	VM_EVENT_CTL,	  /* frame */
	VM_EVENT_LOG,	  /* frame */
	VM_EVENT_TTY,	  /* data, size */
	VM_EVENT_CONSOLE, /* line, notice */
	VM_EVENT_QMP,	  /* json: {"event": s, "data": ...} */
	VM_EVENT_MACHINE, /* QEMU has built its machine and takes QMP commands; once */
	VM_EVENT_ANSWER,  /* to qmp_submit(): qmp_answer_take() has it, once */
	VM_EVENT_WATCHED, /* fd of vm_watch() is readable or hung up */
	VM_EVENT_BROKEN,  /* error: a channel said nonsense and is closed */
	VM_EVENT_EXIT,	  /* QEMU has ended and everything it left behind was delivered */
};

/* Pointers are borrowed until the next vm_poll(). */
struct vm_event {
	enum vm_event_kind kind;
	struct frame frame;
	const uint8_t *data;
	size_t size;
	const char *line;
	enum console_notice notice;
	const json_t *json;
	int fd;
	struct ktstr_error error;
};

/*
 * Wait for the next event, until deadline_ns at most. After the deadline the channels are looked at
 * once more and never again for this deadline, so a guest that floods them cannot hold the caller:
 * what was read is delivered, then VM_EVENT_TIMEOUT. 0 delivers what is there, without waiting.
 * When a guest panics, its console comes before VM_EVENT_EXIT, which repeats from then on.
 */
enum vm_event_kind vm_poll(struct vm *vm, uint64_t deadline_ns, struct vm_event *ret_event);

/* Let vm_poll() also look at a descriptor of the caller's (a terminal, a signalfd). -ENOSPC. */
int vm_watch(struct vm *vm, int fd) KTSTR_MUST_CHECK;
#define VM_WATCHED_MAX 4

/* Send one frame to the agent. As frame_write(); -EPIPE says how QEMU ended when it did. */
int vm_send(struct vm *vm, enum message_type type, const void *payload, size_t length,
	    uint64_t deadline_ns, struct ktstr_error *error) KTSTR_MUST_CHECK;
int vm_send_json(struct vm *vm, enum message_type type, const json_t *payload, uint64_t deadline_ns,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Bytes typed into the guest's terminal; -EAGAIN when it takes none now, else how many it took. */
long vm_tty_write(struct vm *vm, const void *data, size_t size);

/* A number for the next request, never the same twice. */
json_int_t vm_next_id(struct vm *vm);

struct qmp *vm_qmp(struct vm *vm);
struct console *vm_console(struct vm *vm);
pid_t vm_qemu_pid(const struct vm *vm); /* 0 once it has ended */

/*
 * Why QEMU is gone: "QEMU ended with exit code 1: <its last words>", "the guest powered off",
 * "the guest reset itself". "QEMU is running" before VM_EVENT_EXIT. Valid as long as vm.
 */
const char *vm_end_text(struct vm *vm);
/* QEMU ended because the guest powered off: the one end that is no accident. */
bool vm_powered_off(const struct vm *vm);
/* QEMU was ended by a signal: somebody's kill, or a fault of its own such as SIGBUS. */
bool vm_killed(const struct vm *vm);

/* What somebody who waits for one thing does with all the others. Either may be NULL. */
struct vm_listener {
	void (*event)(void *data, const struct vm_event *event);
	void *data;
};

/* CLOCK_MONOTONIC; 0: not there yet. The agent's HELLO says what happened inside. */
struct vm_times {
	uint64_t begin_ns;	 /* vm_boot() called */
	uint64_t started_ns;	 /* QEMU executed */
	uint64_t machine_ns;	 /* QEMU's greeting: the machine is built */
	uint64_t restored_ns;	 /* vm_restore() has let the guest run */
	uint64_t first_frame_ns; /* the agent has spoken */
	uint64_t end_ns;	 /* QEMU has ended */
};
const struct vm_times *vm_times(const struct vm *vm);
