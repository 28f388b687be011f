/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORKLOAD_H
#define KTSTR_WORKLOAD_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/affinity.h>
#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/report.h>
#include <ktstr/work.h>
#include <ktstr/work_spec.h>

/*
 * Workers: tasks that do one kind of work and measure what the scheduler does to them.
 *
 * The life cycle is spawn (workers exist and block), place them (cgroups, affinity), start, let
 * time pass, stop_and_collect. A worker that is a process leads a process group, dies with the
 * thread that spawned it (PR_SET_PDEATHSIG), and is reaped by stop_and_collect or free: afterwards
 * no process of the workload exists.
 */
struct ktstr_workload;

/* How a worker comes to be; one mode for the whole workload. */
enum ktstr_clone_mode {
	KTSTR_CLONE_FORK,   /* a process each */
	KTSTR_CLONE_THREAD, /* a thread each, in the calling process */
};

/*
 * What to spawn: a group of workers that is spelled out here, then the composed ones. The index of
 * a group, as in reports and errors, is 0 for the first and k + 1 for composed[k]. Zero means
 * default; struct ktstr_work_spec tells what the fields mean.
 */
struct ktstr_workload_config {
	unsigned num_workers; /* 0: one worker; KTSTR_WORKERS_NONE */
	struct ktstr_affinity affinity;
	struct ktstr_work work; /* zero: SpinWait */
	struct ktstr_sched_policy policy;
	struct ktstr_mem_policy mem_policy;
	struct ktstr_optional nice, uid, gid, numa_node;
	const char *comm;
	enum ktstr_clone_mode clone_mode;
	unsigned max_phases;			/* slices to keep of each worker; 0: none */
	const struct ktstr_work_spec *composed; /* each says how many workers it has */
	size_t num_composed;
};

/*
 * Fork the workers of config. They block until ktstr_workload_start(); their pids are valid at
 * once. On failure nothing is left behind: no process, descriptor or mapping.
 *
 * Takes no descriptor, whatever the number of workers, and leaves the caller's signal mask alone.
 * SIGUSR1 is the workers' stop signal; in them the caller's handlers are back at the default.
 *
 * -EINVAL: a parameter that cannot work (the text names it), or SIGCHLD is ignored; -EAGAIN,
 * -ENOMEM: the system had no room, with the worker and the step in the text.
 */
KTSTR_API int ktstr_workload_spawn(const struct ktstr_workload_config *config,
				   struct ktstr_workload **ret_workload,
				   struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * One process, called pcomm, that hosts all workers as its threads: a group per element of works,
 * whose index is that of the element. Each says how many workers it has.
 */
struct ktstr_pcomm_config {
	const char *pcomm;		/* 1 to KTSTR_COMM_MAX bytes */
	struct ktstr_optional uid, gid; /* of the process, before there are threads */
	unsigned max_phases;
	const struct ktstr_work_spec *works;
	size_t num_works;
};

/*
 * Fork such a process. Like ktstr_workload_spawn() otherwise; without workers there is no process
 * either. The process exits with status 1 when it cannot make all of its threads.
 */
KTSTR_API int ktstr_workload_spawn_pcomm(const struct ktstr_pcomm_config *config,
					 struct ktstr_workload **ret_workload,
					 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Kernel task ids in spawn order, *ret_count of them; owned by the workload. Those of threads are
 * thread ids; a pcomm container has one, the process.
 */
KTSTR_API const pid_t *ktstr_workload_pids(const struct ktstr_workload *workload,
					   size_t *ret_count);

/*
 * The same ids, for writing them to cgroup.procs. -EINVAL when they are threads of the calling
 * process, which that would move as a whole: cgroup.threads takes these.
 */
KTSTR_API int ktstr_workload_pids_for_cgroup_procs(const struct ktstr_workload *workload,
						   const pid_t **ret_pids, size_t *ret_count,
						   struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Let the workers run. Only the first call does something. A worker that is not started within
 * 30 s of its spawn exits with status 1.
 */
KTSTR_API void ktstr_workload_start(struct ktstr_workload *workload);

/*
 * Another phase begins: a workload with max_phases cuts what its workers measure into slices, one
 * for each epoch that a worker saw between two passes of its work. Before the first call it is
 * KTSTR_PHASE_BASELINE. A worker that has only one slice left stays in that, which then says
 * KTSTR_PHASE_BETWEEN.
 */
KTSTR_API void ktstr_workload_set_phase(struct ktstr_workload *workload, uint32_t epoch);

/*
 * Change the affinity of one worker, index as in ktstr_workload_pids(). -EINVAL: no such worker,
 * an empty set, or the workers are in a pcomm container; else the errno of sched_setaffinity(2).
 */
KTSTR_API int ktstr_workload_set_affinity(struct ktstr_workload *workload, size_t index,
					  const cpu_set_t *cpus,
					  struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Read the workers' iteration counters without disturbing them: up to capacity values in spawn
 * order; returns the number of workers. A value is at most one iteration old, and exact once its
 * worker has stopped.
 */
KTSTR_API size_t ktstr_workload_snapshot_iterations(const struct ktstr_workload *workload,
						    uint64_t *ret_iterations, size_t capacity);

/*
 * Stop the workers (starting them first if that has not happened), collect one report from each
 * and reap everything that is left in their process groups. Consumes the workload: *workload is
 * NULL afterwards, whatever the outcome.
 *
 * Workers that this call has to start are given up to 5 s to get going before they are stopped. A
 * worker that died or did not report within the shared deadline of 5 s still gives a report: a
 * sentinel with completed == false and exit_info set. The reports are in spawn order and belong to
 * the caller (ktstr_reports_free).
 *
 * -EINVAL: *workload is NULL; -ENOMEM; -ECHILD when another process than the one that spawned
 * calls (the workers run on).
 */
KTSTR_API int ktstr_workload_stop_and_collect(struct ktstr_workload **workload,
					      struct ktstr_reports **ret_reports,
					      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * SIGKILL all workers at once and do not wait for them: stop_and_collect or free reap them later.
 * For tearing down many workloads whose scheduler has failed. Workers that are threads of the
 * calling process are told to stop.
 */
KTSTR_API void ktstr_workload_kill(struct ktstr_workload *workload);

/*
 * Kill and reap the workers without asking for reports. NULL-safe. In a process forked from the
 * one that spawned, frees the handle and leaves the workers alone.
 */
KTSTR_API void ktstr_workload_free(struct ktstr_workload *workload);

static inline void ktstr_workload_auto_free(struct ktstr_workload **workload)
{
	ktstr_workload_free(*workload);
}
/* Frees the workload at the end of the scope. */
#define KTSTR_AUTO_WORKLOAD __attribute__((cleanup(ktstr_workload_auto_free)))

#endif
