// SPDX-License-Identifier: GPL-2.0-only
/* How many VMs this machine carries. */
#include <inttypes.h>
#include <stdio.h>

#include "runner/admission.h"

/*
 * Without --jobs each vCPU has a CPU of its own. A vCPU that waits for a CPU looks to its guest
 * like a scheduler that lets a task starve: the gap grows by a slice of the host's scheduler each
 * time, and of two vCPUs that share a CPU each does half the work. Tests are there to measure just
 * that, so it is speed that has to be asked for. A test that wants more vCPUs than there are CPUs
 * is alone, and no worse off than it is anyway.
 */
#define VCPUS_PER_CPU 1

/* Stays free, as the share of the whole: for the page cache, and what else grows meanwhile. */
#define MEMORY_KEPT_SHARE 8

struct admission_limits admission_limits_make(unsigned jobs, const struct admission_host *host)
{
	struct admission_limits limits = {
		.slots = jobs,
		.memory_mib = host->memory_mib - host->memory_mib / MEMORY_KEPT_SHARE,
	};

	if (!jobs) {
		limits.vcpus = host->cpus * VCPUS_PER_CPU;
		limits.slots = limits.vcpus;
	}
	if (limits.slots > ADMISSION_SLOTS_MAX)
		limits.slots = ADMISSION_SLOTS_MAX;
	return limits;
}

enum admission_answer admission_ask(const struct admission *admission,
				    const struct admission_need *need)
{
	const struct admission_limits *limits = &admission->limits;

	if (!admission->running)
		return ADMISSION_GRANTED;
	if (admission->running >= limits->slots)
		return ADMISSION_NO_SLOT;
	if (limits->vcpus && admission->vcpus + need->vcpus > limits->vcpus)
		return ADMISSION_NO_CPU;
	if (limits->memory_mib && admission->memory_mib + need->memory_mib > limits->memory_mib)
		return ADMISSION_NO_MEMORY;
	return ADMISSION_GRANTED;
}

void admission_enter(struct admission *admission, const struct admission_need *need)
{
	admission->running++;
	admission->vcpus += need->vcpus;
	admission->memory_mib += need->memory_mib;
}

void admission_leave(struct admission *admission, const struct admission_need *need)
{
	admission->running--;
	admission->vcpus -= need->vcpus;
	admission->memory_mib -= need->memory_mib;
}

const char *admission_explain(const struct admission_limits *limits,
			      const struct admission_need *needs, size_t count,
			      char text[ADMISSION_TEXT_MAX])
{
	struct admission admission = { .limits = *limits };
	enum admission_answer answer = ADMISSION_GRANTED, first = ADMISSION_GRANTED;
	int used;

	for (size_t i = 0; i < count && answer != ADMISSION_NO_SLOT; i++) {
		answer = admission_ask(&admission, &needs[i]);
		if (answer == ADMISSION_GRANTED)
			admission_enter(&admission, &needs[i]);
		else if (first == ADMISSION_GRANTED)
			first = answer;
	}
	used = snprintf(text, ADMISSION_TEXT_MAX, "%u VM%s at once", admission.running,
			admission.running == 1 ? "" : "s");
	text += used;
	switch (first) {
	case ADMISSION_GRANTED:
		snprintf(text, ADMISSION_TEXT_MAX - used, ": there are no more tests");
		break;
	case ADMISSION_NO_SLOT:
		snprintf(text, ADMISSION_TEXT_MAX - used, ": as many as %s",
			 limits->vcpus ? "this machine has CPUs; --jobs overrides it"
				       : "--jobs says");
		break;
	case ADMISSION_NO_CPU:
		snprintf(text, ADMISSION_TEXT_MAX - used,
			 ": %u vCPU%s for this machine's %u CPU%s; --jobs overrides it",
			 admission.vcpus, admission.vcpus == 1 ? "" : "s", limits->vcpus,
			 limits->vcpus == 1 ? "" : "s");
		break;
	case ADMISSION_NO_MEMORY:
		snprintf(text, ADMISSION_TEXT_MAX - used,
			 ": %" PRIu64 " MiB for them, of %" PRIu64 " MiB that are free for VMs",
			 admission.memory_mib, limits->memory_mib);
		break;
	}
	return text - used;
}
