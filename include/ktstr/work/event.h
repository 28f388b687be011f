/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_EVENT_H
#define KTSTR_WORK_EVENT_H

/* Workers that wait for events of descriptors they share. */

#define KTSTR_WORK_TYPES_EVENT(X) X(epoll_storm, "EpollStorm")

/*
 * EpollStorm: producers write to an eventfd, consumers wait for it with epoll(7), several for one
 * event. Threads of one process only, since they share the descriptors. The first producers
 * workers of a cohort of producers + consumers are the producers.
 *
 * A unit for each event written, 256 for an iteration of a consumer. wake_latencies: a consumer's
 * waits that an event ended; no gap.
 */
struct ktstr_work_epoll_storm_params {
	unsigned producers;	   /* default 1 */
	unsigned consumers;	   /* default 2 */
	unsigned events_per_burst; /* events an iteration of a producer; default 32 */
};

#endif
