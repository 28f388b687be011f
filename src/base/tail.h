/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The last bytes of a stream that may be endless: what a guest prints is kept in bounded memory.
 * Grows up to its limit, then drops the oldest half. Zero-initialised it keeps TAIL_DEFAULT_BYTES.
 */
#define TAIL_DEFAULT_BYTES (256u << 10)

struct tail {
	char *data; /* size bytes and a zero byte behind them; NULL: nothing yet */
	size_t size, capacity;
	size_t limit;	  /* 0: TAIL_DEFAULT_BYTES */
	uint64_t dropped; /* bytes that are gone */
};

/* Never fails: without memory the bytes count as dropped. Zero bytes become spaces. */
void tail_append(struct tail *tail, const void *data, size_t size);

/* Everything kept, "" when there is nothing; borrowed until the next append. */
const char *tail_text(const struct tail *tail);

void tail_release(struct tail *tail);

/* Where the last count lines of text start. */
const char *text_last_lines(const char *text, unsigned count);
