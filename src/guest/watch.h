/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <assert.h>
#include <stddef.h>

#include <ktstr/error.h>

/*
 * What the agent's loop waits for: collected anew before each poll(2), so that a part of the agent
 * says in one place what it wants now, and nothing has to be deregistered.
 */
#define WATCHES_MAX 8

struct watch {
	int fd;
	short events;
	/* An error ends the agent: what concerns only one request is reported to the host instead.
	 */
	int (*ready)(void *owner, struct ktstr_error *error);
	void *owner;
};

struct watch_list {
	struct watch entries[WATCHES_MAX];
	size_t count;
};

static inline void watch_add(struct watch_list *list, int fd, short events,
			     int (*ready)(void *owner, struct ktstr_error *error), void *owner)
{
	assert(list->count < WATCHES_MAX);
	list->entries[list->count++] = (struct watch){
		.fd = fd,
		.events = events,
		.ready = ready,
		.owner = owner,
	};
}
