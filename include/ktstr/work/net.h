/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_NET_H
#define KTSTR_WORK_NET_H

/*
 * Work on the network interface that the test asked for (.network), which receives what it sends.
 * Frames go to the interface's own address, with ethertype 88B5. Needs CAP_NET_RAW, and
 * CAP_NET_ADMIN to bring the interface up. Without the interface or the capabilities, and on a
 * machine that is not a guest of ktstr, workers idle: they have iterations and no work_units, and
 * the report's work_error tells why.
 */

#define KTSTR_WORK_TYPES_NET(X)                                                                    \
	X(net_traffic, "NetTraffic")                                                               \
	X(irq_wake, "IrqWake")

/* NetTraffic: send a frame, sleep. One unit a frame, no samples. */
struct ktstr_work_net_traffic_params {
	unsigned interval_us; /* between two frames; default 100, KTSTR_ZERO: none */
	unsigned frame_bytes; /* 60 to 1514; default 60 */
};

/*
 * IrqWake, cohorts of 2: the first sends as NetTraffic does, the second waits for frames, so that
 * what wakes it is the interrupt of the interface. One unit a frame for each; the receiver's
 * samples are the times from the start of a wait to the frame. A frame wakes the receivers of
 * every cohort.
 */
struct ktstr_work_irq_wake_params {
	unsigned interval_us; /* as above */
	unsigned frame_bytes;
};

#endif
