// SPDX-License-Identifier: GPL-2.0-only
/* Scheduling policies: a row for each kind, and sched_setattr(2), which can set them all. */
#include "workload/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEADLINE_RUNTIME_MIN_NS 1024 /* the kernel's 1 << DL_SCALE */
#define PRIORITY_MIN 1
#define PRIORITY_MAX 99

/* The kernel's struct sched_attr in its first version; glibc has none before 2.41. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
};
_Static_assert(sizeof(struct attributes) == 48, "SCHED_ATTR_SIZE_VER0");

static const struct {
	const char *name;
	uint32_t number; /* the kernel's */
	const char *needs;
} kinds[] = {
	[KTSTR_POLICY_NORMAL] = { "normal", 0, NULL },
	[KTSTR_POLICY_BATCH] = { "batch", 3, NULL },
	[KTSTR_POLICY_IDLE] = { "idle", 5, NULL },
	[KTSTR_POLICY_FIFO] = { "fifo", 1, "CAP_SYS_NICE" },
	[KTSTR_POLICY_RR] = { "rr", 2, "CAP_SYS_NICE" },
	[KTSTR_POLICY_DEADLINE] = { "deadline", 6, "CAP_SYS_NICE, and bandwidth that is free" },
	[KTSTR_POLICY_EXT] = { "ext", 7, "a kernel with CONFIG_SCHED_CLASS_EXT" },
};

static int check_deadline(const struct ktstr_sched_policy *policy, struct ktstr_error *error)
{
	const struct {
		const char *name;
		uint64_t ns;
	} times[] = {
		{ "runtime_ns", policy->runtime_ns },
		{ "deadline_ns", policy->deadline_ns },
		{ "period_ns", policy->period_ns },
	};

	if (!policy->deadline_ns)
		return ktstr_error_set(error, -EINVAL,
				       "policy 'deadline': deadline_ns must be > 0");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i].ns > INT64_MAX)
			return ktstr_error_set(error, -EINVAL,
					       "policy 'deadline': %s %" PRIu64
					       " is above %" PRId64,
					       times[i].name, times[i].ns, INT64_MAX);
	if (policy->runtime_ns < DEADLINE_RUNTIME_MIN_NS)
		return ktstr_error_set(error, -EINVAL,
				       "policy 'deadline': runtime_ns %" PRIu64 " is below %d",
				       policy->runtime_ns, DEADLINE_RUNTIME_MIN_NS);
	if (policy->runtime_ns > policy->deadline_ns)
		return ktstr_error_set(error, -EINVAL,
				       "policy 'deadline': runtime_ns %" PRIu64
				       " is above deadline_ns %" PRIu64,
				       policy->runtime_ns, policy->deadline_ns);
	if (policy->period_ns && policy->deadline_ns > policy->period_ns)
		return ktstr_error_set(error, -EINVAL,
				       "policy 'deadline': deadline_ns %" PRIu64
				       " is above period_ns %" PRIu64,
				       policy->deadline_ns, policy->period_ns);
	return 0;
}

static uint32_t clamp_priority(unsigned priority)
{
	if (priority < PRIORITY_MIN)
		return PRIORITY_MIN;
	return priority > PRIORITY_MAX ? PRIORITY_MAX : priority;
}

static int set_attributes(pid_t tid, const struct ktstr_sched_policy *policy,
			  struct ktstr_error *error)
{
	struct attributes attributes = { .size = sizeof(attributes) };
	const char *needs = kinds[policy->kind].needs;
	int err;

	attributes.policy = kinds[policy->kind].number;
	if (policy->kind == KTSTR_POLICY_FIFO || policy->kind == KTSTR_POLICY_RR)
		attributes.priority = clamp_priority(policy->priority);
	if (policy->kind == KTSTR_POLICY_DEADLINE) {
		attributes.runtime_ns = policy->runtime_ns;
		attributes.deadline_ns = policy->deadline_ns;
		attributes.period_ns = policy->period_ns;
	}
	if (!syscall(SYS_sched_setattr, tid, &attributes, 0))
		return 0;
	err = -errno;
	return ktstr_error_set(error, err, "policy '%s' for task %d: %s%s%s%s",
			       kinds[policy->kind].name, tid, strerror(-err),
			       needs ? " (needs " : "", needs ? needs : "", needs ? ")" : "");
}

int policy_apply(pid_t tid, const struct ktstr_sched_policy *policy, struct ktstr_error *error)
{
	unsigned kind = (unsigned)policy->kind;
	int err = 0;

	if (kind == KTSTR_POLICY_NORMAL)
		return 0;
	if (kind >= sizeof(kinds) / sizeof(kinds[0]))
		return ktstr_error_set(error, -EINVAL,
				       "policy: kind %u is not one of normal, batch, idle, fifo, "
				       "rr, deadline, ext",
				       kind);
	if (tid <= 0)
		return ktstr_error_set(error, -EINVAL, "policy '%s': task id %d is not positive",
				       kinds[kind].name, tid);
	if (kind == KTSTR_POLICY_DEADLINE)
		err = check_deadline(policy, error);
	return err ? err : set_attributes(tid, policy, error);
}
