// SPDX-License-Identifier: GPL-2.0-only
/* One test, from plan to outcome. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/arguments.h"
#include "runner/job.h"
#include "runner/session.h"

/*
 * Of QEMU itself, beside the guest's memory: 109 MiB of PSS for 2 vCPUs under TCG (QEMU 10.0.2),
 * most of it translated code.
 */
#define QEMU_OWN_MIB 128

_Static_assert(TEST_JOBS_MAX == ADMISSION_SLOTS_MAX, "what --jobs allows can be had");

struct admission_need job_need(const struct test_plan *plan)
{
	const struct vm_config vm = { .topology = plan->topology,
				      .memory_mib = plan->test->memory_mib };

	return (struct admission_need){
		.vcpus = ktstr_topology_num_cpus(&plan->topology),
		/* A disk is memory of the host's, as far as the test writes to it. */
		.memory_mib = vm_memory_mib(&vm) + plan->test->devices.disk_mib + QEMU_OWN_MIB,
	};
}

void job_release(struct job *job)
{
	run_facts_release(&job->facts);
	free(job->rerun);
	job->rerun = NULL;
}

/* A scheduler that cannot be loaded says nothing about itself: the kernel is the wrong one. */
static bool kernel_fits(const struct job *job, const struct vm_env *env, struct run_facts *facts)
{
	const struct binary_test *test = job->record.plan->test;
	const struct binary_scheduler *scheduler = test->scheduler;
	const struct kernel_entry *kernel = env->kernel;
	struct ktstr_error error = { 0 };

	*facts = (struct run_facts){ .exit_code = -1 };
	if (vm_env_check_devices(env, &test->devices, &error)) {
		snprintf(facts->infra_error, sizeof(facts->infra_error), "%.*s",
			 (int)sizeof(facts->infra_error) - 1, error.text);
		return false;
	}
	if (!scheduler || kernel->sched_ext.usable)
		return true;
	snprintf(facts->infra_error, sizeof(facts->infra_error),
		 "kernel '%s' has no usable sched_ext, which scheduler '%s' needs: %s; choose "
		 "another with --kernel",
		 kernel->ref, scheduler->name, kernel->sched_ext.reason);
	return false;
}

static void run_again(struct job *job, const struct session_env *env)
{
	struct accel one_thread = *env->accel;
	struct session_env again = *env;

	job->record.repeated = repeat_explain(&job->facts, job->repeated);
	one_thread.parallel = false;
	again.accel = &one_thread;
	again.templates = NULL; /* rare: not worth a template of its own */
	run_facts_release(&job->facts);
	session_run(&again, job->record.plan, &job->facts);
}

static void take_notice(void *data, const char *text)
{
	struct job *job = data;
	size_t used = strlen(job->notices);

	snprintf(job->notices + used, sizeof(job->notices) - used, "ktstr: %s\n", text);
}

void job_run(struct job *job, const struct vm_env *env, int stop_fd, bool kernel_verbose)
{
	const struct session_env session = {
		.qemu = &env->qemu,
		.accel = &env->accel,
		.kernel = env->kernel->boot,
		.initramfs = env->initramfs,
		.stop_fd = stop_fd,
		.verbose = kernel_verbose,
		.templates = env->templates,
		.group = job->group,
		.notice = take_notice,
		.notice_data = job,
	};
	const struct test_plan *plan = job->record.plan;

	job->record.facts = &job->facts;
	job->record.started_at = time(NULL);
	if (kernel_fits(job, env, &job->facts)) {
		session_run(&session, plan, &job->facts);
		if (repeat_is_due(&job->facts, &env->accel))
			run_again(job, &session);
	}
	outcome_classify(&job->facts, plan->test->expect_err, &job->record.outcome);
}

void job_run_on_host(struct job *job, const struct host_env *env, int stop_fd)
{
	const struct test_plan *plan = job->record.plan;

	job->record.facts = &job->facts;
	job->record.started_at = time(NULL);
	host_session_run(env, plan, stop_fd, &job->facts);
	outcome_classify(&job->facts, plan->test->expect_err, &job->record.outcome);
}
