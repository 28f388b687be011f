/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_SCHEDULER_H
#define KTSTR_SCHEDULER_H

#include <ktstr/check.h>
#include <ktstr/topology.h>

/*
 * A sched_ext scheduler under test, given as the BPF object that a C author compiles: ktstr loads
 * it into the guest's kernel with libbpf, attaches its struct_ops map and makes sure through
 * /sys/kernel/sched_ext that this one, and no other, is enabled.
 */
struct ktstr_scheduler {
	const char *name; /* label in results; not empty, unique in a test binary */
	/*
	 * Path of the .bpf.o, absolute or relative to the folder of the test binary, then to the
	 * current folder.
	 */
	const char *bpf_object;
	const char *struct_ops; /* name of the struct_ops map; NULL: the object has only one */
	struct ktstr_topology topology; /* defaults for the tests that use the scheduler */
	struct ktstr_check check;	/* defaults likewise */
};

#endif
