/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* How long the parts of a workload wait for each other. A field, so that tests need not wait. */
struct workload_timeouts {
	unsigned gate_ms;    /* a worker for the start; then it exits with status 1 */
	unsigned ready_ms;   /* a collect that had to start the workers, for them to get going */
	unsigned collect_ms; /* for all reports together */
	unsigned reap_ms;    /* for all killed workers together to be gone */
};

#define WORKLOAD_TIMEOUTS_DEFAULT                                                                  \
	((struct workload_timeouts){                                                               \
		.gate_ms = 30000,                                                                  \
		.ready_ms = 5000,                                                                  \
		.collect_ms = 5000,                                                                \
		.reap_ms = 3000,                                                                   \
	})
