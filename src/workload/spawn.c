// SPDX-License-Identifier: GPL-2.0-only
/* Workers come into being: admission, shared memory, one fork after the other. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "workload/affinity.h"
#include "workload/handle.h"
#include "workload/report_codec.h"
#include "workload/telemetry.h"
#include "workload/worker_process.h"

#define NUM_WORKERS_DEFAULT 1

/* Children that the kernel reaps by itself lose their pid while we still signal it. */
static int check_children_are_waitable(struct ktstr_error *error)
{
	struct sigaction action;

	if (sigaction(SIGCHLD, NULL, &action))
		return 0;
	if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT))
		return 0;
	return ktstr_error_set(
		error, -EINVAL,
		"SIGCHLD is ignored in this process, so workers could not be waited for; "
		"set it to SIG_DFL first");
}

static unsigned resolve_num_workers(unsigned asked)
{
	if (asked == KTSTR_WORKERS_NONE)
		return 0;
	return asked ? asked : NUM_WORKERS_DEFAULT;
}

static int fork_workers(struct ktstr_workload *workload, unsigned count,
			const struct ktstr_workload_config *config, struct ktstr_error *error)
{
	struct prng prng = prng_seeded((uint64_t)workload->owner ^ clock_now_ns());
	auto_telemetry_unmap struct telemetry *telemetry = NULL;
	int err = telemetry_map(&telemetry, error);

	if (err)
		return err;
	for (unsigned i = 0; i < count; i++) {
		struct worker_process process = {
			.plan = {
				.work = config->work,
				.slot = &workload->area.slots[i],
				.telemetry = telemetry,
			},
			.control = workload->area.control,
			.frame = shared_area_frame(&workload->area, i),
			.frame_capacity = workload->area.frame_capacity,
			.gate_ms = workload->timeouts.gate_ms,
		};

		process.plan.pinned = affinity_draw(&config->affinity, &prng, &process.plan.cpus);
		err = worker_process_fork(&process, &workload->pids[i], error);
		if (err)
			return ktstr_error_wrap(error, err, "worker %u of %u", i + 1, count);
		workload->count = i + 1;
	}
	return 0;
}

int workload_spawn(const struct ktstr_workload_config *config,
		   const struct workload_timeouts *timeouts, struct ktstr_workload **ret_workload,
		   struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	unsigned count = resolve_num_workers(config->num_workers);
	int err = affinity_check(&config->affinity, error);

	if (!err)
		err = check_children_are_waitable(error);
	if (err)
		return err;
	workload = calloc(1, sizeof(*workload));
	if (!workload)
		return ktstr_error_set(error, -ENOMEM, "no memory for a workload");
	workload->owner = getpid();
	workload->timeouts = *timeouts;
	if (count) {
		err = shared_area_map(&workload->area, count, report_frame_max(), error);
		if (err)
			return err;
		workload->pids = calloc(count, sizeof(*workload->pids));
		if (!workload->pids)
			return ktstr_error_set(error, -ENOMEM, "no memory for %u workers", count);
		err = fork_workers(workload, count, config, error);
		if (err)
			return err;
	}
	*ret_workload = take_pointer(workload);
	return 0;
}

int ktstr_workload_spawn(const struct ktstr_workload_config *config,
			 struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	return workload_spawn(config, &WORKLOAD_TIMEOUTS_DEFAULT, ret_workload, error);
}
