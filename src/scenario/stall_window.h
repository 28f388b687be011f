/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a task gets anywhere, seen from outside: its counters in /proc/PID/sched, sampled at an
 * even pace. A task that sleeps for longer than the window looks the same as one that is stuck:
 * what fires here is a question, not an answer.
 */
struct stall_sample {
	uint64_t switches;   /* nr_switches */
	uint64_t runtime_ns; /* se.sum_exec_runtime */
};

/* Read the text of /proc/PID/sched; false when one of the two is missing. */
bool stall_sample_parse(const char *text, struct stall_sample *ret_sample);

#define STALL_WINDOW 4 /* samples; about two seconds at the usual pace */

/* The last samples of one task. {0} is a task of which nothing is known. */
struct stall_window {
	struct stall_sample samples[STALL_WINDOW]; /* the oldest first */
	unsigned count;
	bool fired; /* not again before something moves */
};

/*
 * A new sample; NULL: it could not be read, and all that was known is forgotten. True when the
 * window is full of equal samples for the first time since something moved.
 */
bool stall_window_add(struct stall_window *window, const struct stall_sample *sample);

/* Milliseconds between samples as the environment says it: a positive number, else 500. */
unsigned stall_poll_ms(const char *text);
