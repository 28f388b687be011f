/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include <ktstr/error.h>

/* What waits for a dispatcher, first come, first served; the links are the requests' own. */
struct request {
	struct request *next;
};

struct request_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* or closed */
	struct request *first, *last;
	bool closed;
};

int request_queue_init(struct request_queue *queue, struct ktstr_error *error) KTSTR_MUST_CHECK;
void request_queue_release(struct request_queue *queue);

void request_queue_push(struct request_queue *queue, struct request *request);
/* Waits for one; NULL once the queue is closed and empty. */
struct request *request_queue_pop(struct request_queue *queue);
void request_queue_close(struct request_queue *queue);
