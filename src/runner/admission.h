/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Which test may start beside those that run: arithmetic over CPUs and memory, without a look at
 * the machine.
 */

/* What the VM of a test takes. */
struct admission_need {
	unsigned vcpus;
	uint64_t memory_mib; /* of the guest and of QEMU itself */
};

/* What there is; memory_mib 0: not known, so no limit. */
struct admission_host {
	unsigned cpus;
	uint64_t memory_mib; /* available to new programs */
};

struct admission_limits {
	unsigned slots;	     /* VMs */
	unsigned vcpus;	     /* of all VMs together; 0: any number */
	uint64_t memory_mib; /* likewise */
};

/* As many as --jobs allows: at 7 descriptors a session they fit into a shell's limit of 1024. */
#define ADMISSION_SLOTS_MAX 128

/* jobs: how many VMs the user wants at once; 0: as many as leave each vCPU a CPU of its own. */
struct admission_limits admission_limits_make(unsigned jobs, const struct admission_host *host);

/* The VMs that run. */
struct admission {
	struct admission_limits limits;
	unsigned running, vcpus;
	uint64_t memory_mib;
};

/* Why not, in the order of the questions. */
enum admission_answer {
	ADMISSION_GRANTED,
	ADMISSION_NO_SLOT,
	ADMISSION_NO_CPU,
	ADMISSION_NO_MEMORY,
};

/* A VM that is larger than every limit is granted when nothing else runs. */
enum admission_answer admission_ask(const struct admission *admission,
				    const struct admission_need *need);
void admission_enter(struct admission *admission, const struct admission_need *need);
void admission_leave(struct admission *admission, const struct admission_need *need);

/*
 * How many of the tests start at once at the beginning, and what keeps the next one waiting, as
 * one line: "2 VMs at once: as many as --jobs says".
 */
#define ADMISSION_TEXT_MAX 192
const char *admission_explain(const struct admission_limits *limits,
			      const struct admission_need *needs, size_t count,
			      char text[ADMISSION_TEXT_MAX]);
