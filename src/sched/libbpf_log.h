/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/*
 * libbpf's messages, among them the verifier's, to where a call of ours wants them. libbpf has one
 * callback for the whole process and gives it no data pointer, so the receiver is kept in a
 * thread-local variable between begin and end; libbpf calls back on the thread that called it.
 */
typedef void scheduler_log_fn(void *data, const char *text, size_t length);

struct libbpf_log {
	scheduler_log_fn *log; /* NULL: nobody wants them */
	void *data;
};

/* log is borrowed until libbpf_log_end(). Calls do not nest. */
void libbpf_log_begin(const struct libbpf_log *log);
void libbpf_log_end(void);
