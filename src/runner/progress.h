/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The line on a terminal that says how a run is getting on. */

/* A run at one moment. */
struct progress_view {
	size_t total, done, failed, running;
	uint64_t elapsed_ns;
	uint64_t mean_ns;   /* what the tests that are done took; 0: none is */
	uint64_t begun_ns;  /* what those that run have behind them, at most mean_ns each */
	const char *oldest; /* name of the test that has run longest; NULL: none runs */
	uint64_t oldest_ns;
};

/* At most columns wide, without a newline: what has no room is left out. color: red failures. */
void progress_print(const struct progress_view *view, unsigned columns, bool color, FILE *out);

/*
 * "about 40 s left", if the rest takes as long as what is done; "" while there is nothing to go by,
 * or when the guess has run out.
 */
#define PROGRESS_TEXT_MAX 48
const char *progress_estimate(const struct progress_view *view, char text[PROGRESS_TEXT_MAX]);

/* "7 s", "2 min 05 s", "1 h 02 min". */
const char *progress_time(uint64_t ns, char text[PROGRESS_TEXT_MAX]);

/* The line itself. Zero-initialised but for out; out NULL: there is none. */
struct progress {
	FILE *out;
	bool color;
	bool drawn;	   /* it stands there now */
	uint64_t drawn_ns; /* when it was drawn last; 0: never */
};

/* Calls that come sooner than this after the last do nothing. */
#define PROGRESS_PERIOD_MS 250

void progress_draw(struct progress *progress, const struct progress_view *view);

/* Before anything else is printed, and at the end. */
void progress_erase(struct progress *progress);
