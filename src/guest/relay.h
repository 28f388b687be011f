/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/watch.h"

/*
 * Bytes from one descriptor to another, both non-blocking and borrowed. While the receiver takes
 * nothing, nothing is read: what cannot be passed on waits in the kernel.
 */
struct relay {
	int from, to;
	bool ended; /* the end of from, or an error on either: nothing more will come */
	size_t start, end;
	char buffer[4096];
};

void relay_init(struct relay *relay, int from, int to);

/* Wait for what the relay needs next; nothing once it has ended. */
void relay_watch(struct relay *relay, struct watch_list *list);

/* Pass on what is there, waiting for room until deadline_ns. */
void relay_drain(struct relay *relay, uint64_t deadline_ns);
