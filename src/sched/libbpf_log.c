// SPDX-License-Identifier: GPL-2.0-only
/* Routing of libbpf's messages. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "sched/libbpf_log.h"

static _Thread_local const struct libbpf_log *receiver;

__attribute__((format(printf, 2, 0))) static int forward(enum libbpf_print_level level,
							 const char *format, va_list args)
{
	auto_free char *text = NULL;
	int length;

	/* DEBUG tells every relocation: thousands of lines for a scheduler that loads fine. */
	if (level == LIBBPF_DEBUG || !receiver || !receiver->log)
		return 0;
	length = vasprintf(&text, format, args);
	if (length < 0) {
		text = NULL;
		return 0;
	}
	receiver->log(receiver->data, text, (size_t)length);
	return 0;
}

void libbpf_log_begin(const struct libbpf_log *log)
{
	receiver = log;
	libbpf_set_print(forward);
}

void libbpf_log_end(void)
{
	receiver = NULL;
}
