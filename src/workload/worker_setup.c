// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker becomes what its spec says, one property after the other. All of them are the calling
 * thread's own: the system calls for ids are made directly, since the C library's change every
 * thread of the process.
 */
#include "workload/worker_setup.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload/affinity.h"
#include "workload/node_cpus.h"
#include "workload/policy.h"

#define NICE_MIN (-20)
#define NICE_MAX 19

int comm_check(const char *field, const char *comm, struct ktstr_error *error)
{
	size_t length;

	if (!comm)
		return 0;
	length = strlen(comm);
	if (length > 0 && length <= KTSTR_COMM_MAX)
		return 0;
	return ktstr_error_set(error, -EINVAL, "%s '%s': %zu bytes, a task's name has 1 to %d",
			       field, comm, length, KTSTR_COMM_MAX);
}

static int check_range(const char *field, struct ktstr_optional number, long long limit,
		       struct ktstr_error *error)
{
	if (!number.given || (number.value >= 0 && number.value <= limit))
		return 0;
	return ktstr_error_set(error, -EINVAL, "%s %lld: not from 0 to %lld", field, number.value,
			       limit);
}

int id_check(const char *field, struct ktstr_optional id, struct ktstr_error *error)
{
	/* -1 would mean "leave it". */
	return check_range(field, id, UINT_MAX - 1, error);
}

int worker_setup_init(struct worker_setup *setup, const struct ktstr_work_spec *spec,
		      struct ktstr_error *error)
{
	int err = id_check("uid", spec->uid, error);

	if (!err)
		err = id_check("gid", spec->gid, error);
	if (!err)
		err = check_range("numa_node", spec->numa_node, NUMA_NODES_MAX - 1, error);
	if (!err)
		err = comm_check("comm", spec->comm, error);
	if (err)
		return err;
	*setup = (struct worker_setup){
		.policy = spec->policy,
		.nice = spec->nice,
		.uid = spec->uid,
		.gid = spec->gid,
		.numa_node = spec->numa_node,
	};
	mem_policy_prepare(&spec->mem_policy, &setup->mem_policy);
	if (spec->numa_node.given)
		node_cpus_read((unsigned)spec->numa_node.value, &setup->node_cpus);
	if (spec->comm)
		memcpy(setup->comm, spec->comm, strlen(spec->comm) + 1);
	return 0;
}

static void note(char field[KTSTR_REPORT_TEXT_MAX], int err, const struct ktstr_error *error)
{
	if (err && !*field)
		snprintf(field, KTSTR_REPORT_TEXT_MAX, "%.*s", KTSTR_REPORT_TEXT_MAX - 1,
			 error->text);
}

static int set_nice(struct ktstr_optional nice, struct ktstr_error *error)
{
	int value = nice.value > NICE_MAX ? NICE_MAX : (int)nice.value;
	int err;

	if (nice.value < NICE_MIN)
		value = NICE_MIN;
	/* 0: this thread, not the process, whatever the man page says of POSIX. */
	if (!nice.given || !setpriority(PRIO_PROCESS, 0, value))
		return 0;
	err = -errno;
	return ktstr_error_set(error, err, "nice %d: %s", value, strerror(-err));
}

static int set_id(const char *field, long number, struct ktstr_optional id,
		  struct ktstr_error *error)
{
	int err;

	if (!id.given || !syscall(number, (uid_t)id.value, (uid_t)id.value, (uid_t)id.value))
		return 0;
	err = -errno;
	return ktstr_error_set(error, err, "%s %lld: %s", field, id.value, strerror(-err));
}

/*
 * A change of ids makes the kernel forget the signal for the parent's death and that the process
 * may be looked at. Both are what keeps workers tidy and visible, so they are put back.
 */
void worker_setup_ids(struct ktstr_optional gid, struct ktstr_optional uid,
		      char text[KTSTR_REPORT_TEXT_MAX])
{
	int death_signal = 0, dumpable = prctl(PR_GET_DUMPABLE);
	struct ktstr_error error;
	pid_t parent = getppid();

	if (!gid.given && !uid.given)
		return;
	prctl(PR_GET_PDEATHSIG, &death_signal);
	note(text, set_id("gid", SYS_setresgid, gid, &error), &error);
	note(text, set_id("uid", SYS_setresuid, uid, &error), &error);
	if (dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, death_signal);
	if (death_signal && getppid() != parent)
		raise(death_signal);
}

static int pin_to_node(const struct worker_setup *setup, pid_t tid, struct ktstr_error *error)
{
	int err;

	if (!setup->numa_node.given)
		return 0;
	if (!CPU_COUNT(&setup->node_cpus))
		return ktstr_error_set(error, -ENODEV, "numa_node %lld: no such node with cpus",
				       setup->numa_node.value);
	err = affinity_apply(tid, &setup->node_cpus, error);
	if (err)
		return ktstr_error_wrap(error, err, "numa_node %lld", setup->numa_node.value);
	return 0;
}

void worker_setup_apply(const struct worker_setup *setup, pid_t tid, const cpu_set_t *cpus,
			struct ktstr_worker_report *report)
{
	struct ktstr_error error;

	if (cpus)
		note(report->affinity_error, affinity_apply(tid, cpus, &error), &error);
	note(report->sched_policy_error, policy_apply(tid, &setup->policy, &error), &error);
	note(report->setup_error, mem_policy_apply(&setup->mem_policy, &error), &error);
	note(report->setup_error, set_nice(setup->nice, &error), &error);
	if (*setup->comm)
		prctl(PR_SET_NAME, setup->comm);
	worker_setup_ids(setup->gid, setup->uid, report->setup_error);
	note(report->setup_error, pin_to_node(setup, tid, &error), &error);
}
