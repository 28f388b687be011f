// SPDX-License-Identifier: GPL-2.0-only
/* The queue between clients and dispatchers. */
#include "workload/taobench/queue.h"

#include <string.h>

int request_queue_init(struct request_queue *queue, struct ktstr_error *error)
{
	int err = pthread_mutex_init(&queue->lock, NULL);

	if (err)
		return ktstr_error_set(error, -err, "taobench: make a lock: %s", strerror(err));
	err = pthread_cond_init(&queue->filled, NULL);
	if (err) {
		pthread_mutex_destroy(&queue->lock);
		return ktstr_error_set(error, -err, "taobench: make a condition: %s",
				       strerror(err));
	}
	return 0;
}

void request_queue_release(struct request_queue *queue)
{
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
}

void request_queue_push(struct request_queue *queue, struct request *request)
{
	request->next = NULL;
	pthread_mutex_lock(&queue->lock);
	if (queue->first)
		queue->last->next = request;
	else
		queue->first = request;
	queue->last = request;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

struct request *request_queue_pop(struct request_queue *queue)
{
	struct request *request;

	pthread_mutex_lock(&queue->lock);
	/* No deadline: whoever stops the dispatchers closes the queue. */
	while (!queue->first && !queue->closed)
		pthread_cond_wait(&queue->filled, &queue->lock);
	request = queue->first;
	if (request)
		queue->first = request->next;
	pthread_mutex_unlock(&queue->lock);
	return request;
}

void request_queue_close(struct request_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}
