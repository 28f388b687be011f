// SPDX-License-Identifier: GPL-2.0-only
/*
 * Schbench and Taobench as kinds of work: a worker that is the thread in charge of an engine. The
 * engines' slices lie in the worker's buffer, where they outlive the engine until the report is on
 * its way.
 */
#include <errno.h>

#include "base/clock.h"
#include "workload/schbench/engine.h"
#include "workload/taobench/engine.h"
#include "workload/work.h"
#include "workload/worker.h"

#define TICK_NS NS_PER_S
#define HIT_PCT_MIN 1
#define HIT_PCT_MAX 99

/*
 * The thread in charge sleeps because it has nothing to do: that is no gap. Its own slices change
 * here, once a second; those of the engine's threads change as they notice.
 */
static bool sleep_for_tick(struct ktstr_worker *worker)
{
	uint64_t asleep_ns;
	bool awake = worker_sleep(worker, TICK_NS, &asleep_ns);

	worker_excuse_gap(worker, clock_now_ns());
	worker_publish(worker);
	return awake;
}

struct schbench_state {
	struct schbench *bench; /* NULL: it could not be had */
	struct ktstr_schbench_report report;
};
_Static_assert(sizeof(struct schbench_state) <= WORK_STATE_MAX, "must fit");

static struct schbench_config schbench_config_of(const void *params)
{
	const struct ktstr_work_schbench_params *given = params;

	return (struct schbench_config){
		.message_threads = given->message_threads,
		.worker_threads = given->worker_threads,
		.cache_footprint_kib = given->cache_footprint_kib,
		.operations = given->operations,
		.sleep_us = given->sleep_us,
		.skip_locking = given->skip_locking,
		.requests_per_sec = given->requests_per_sec,
		.auto_rps_pct = given->auto_rps_pct,
		.split = given->split_percent != KTSTR_SCHBENCH_NO_SPLIT,
		.split_pct = given->split_percent,
		.pipe_bytes = given->pipe_transfer_bytes,
		.slices_max = KTSTR_SCHBENCH_SLICES_MAX,
	};
}

static int schbench_work_check(const void *params, struct ktstr_error *error)
{
	struct schbench_config config = schbench_config_of(params);

	return schbench_check(&config, error);
}

static void schbench_work_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->buffer_bytes = KTSTR_SCHBENCH_SLICES_MAX *
				     sizeof(struct ktstr_schbench_slice);
}

static void schbench_work_prepare(struct ktstr_worker *worker)
{
	struct schbench_state *state = (struct schbench_state *)worker->state;
	struct schbench_config config = schbench_config_of(worker->params);
	struct ktstr_error error = { 0 };

	config.slices = (struct ktstr_schbench_slice *)worker->buffer;
	config.epoch = worker_epoch(worker);
	if (schbench_new(&config, &state->bench, &error))
		worker_complain(worker, "%s", error.text);
}

/* Here and not in prepare: the threads inherit what the worker has become by now. */
static void schbench_work_begin(struct ktstr_worker *worker)
{
	struct schbench_state *state = (struct schbench_state *)worker->state;
	struct ktstr_error error = { 0 };

	if (!state->bench || !schbench_start(state->bench, &error))
		return;
	worker_complain(worker, "%s", error.text);
	schbench_free(state->bench);
	state->bench = NULL;
}

static enum work_next schbench_work_iterate(struct ktstr_worker *worker)
{
	struct schbench_state *state = (struct schbench_state *)worker->state;

	while (sleep_for_tick(worker))
		if (state->bench)
			schbench_tick(state->bench);
	if (!state->bench)
		return WORK_SKIP;
	schbench_tick(state->bench);
	schbench_stop(state->bench);
	worker->work_units += schbench_loop_count(state->bench);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

static void schbench_work_report(struct ktstr_worker *worker, struct ktstr_worker_report *report)
{
	struct schbench_state *state = (struct schbench_state *)worker->state;

	if (!state->bench)
		return;
	/* A worker stopped before its first pass has not stopped the engine yet. */
	schbench_stop(state->bench);
	schbench_report(state->bench, &state->report);
	report->schbench = &state->report;
}

static void schbench_work_end(struct ktstr_worker *worker)
{
	schbench_free(((struct schbench_state *)worker->state)->bench);
}

const struct ktstr_work_ops ktstr_work_schbench = {
	.name = "Schbench",
	.summary = "message threads wake worker threads, which compute under locks of the CPUs",
	.params_size = sizeof(struct ktstr_work_schbench_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_schbench_params, message_threads, 1,
				    "message threads"),
			WORK_NUMBER(struct ktstr_work_schbench_params, worker_threads, 0,
				    "worker threads of each; 0: one per allowed CPU in all"),
			WORK_NUMBER(struct ktstr_work_schbench_params, cache_footprint_kib, 256,
				    "KiB of matrices of a request"),
			WORK_NUMBER(struct ktstr_work_schbench_params, operations, 5,
				    "multiplications a request"),
			WORK_NUMBER(struct ktstr_work_schbench_params, sleep_us, 100,
				    "us of think time a request"),
			WORK_SWITCH(struct ktstr_work_schbench_params, skip_locking,
				    "compute without the lock of the CPU"),
			WORK_NUMBER(struct ktstr_work_schbench_params, requests_per_sec, 0,
				    "requests per second; 0: no limit"),
			WORK_NUMBER(struct ktstr_work_schbench_params, auto_rps_pct, 0,
				    "find the rate that keeps CPUs that busy; 0: do not"),
			WORK_NUMBER(struct ktstr_work_schbench_params, split_percent,
				    KTSTR_SCHBENCH_NO_SPLIT,
				    "percent of the footprint that is private; 101: no split"),
			WORK_NUMBER(struct ktstr_work_schbench_params, pipe_transfer_bytes, 0,
				    "bytes to hand over instead of computing; 0: compute"),
			{ 0 },
		},
	.plumbing = schbench_work_plumbing,
	.check = schbench_work_check,
	.own_phases = true,
	.state_size = sizeof(struct schbench_state),
	.prepare = schbench_work_prepare,
	.begin = schbench_work_begin,
	.iterate = schbench_work_iterate,
	.report = schbench_work_report,
	.end = schbench_work_end,
};

struct taobench_state {
	struct taobench *bench; /* NULL: it could not be had */
	struct ktstr_taobench_report report;
};
_Static_assert(sizeof(struct taobench_state) <= WORK_STATE_MAX, "must fit");

static struct taobench_config taobench_config_of(const void *params)
{
	const struct ktstr_work_taobench_params *given = params;
	unsigned hit_pct = given->target_hit_pct;

	if (hit_pct < HIT_PCT_MIN)
		hit_pct = HIT_PCT_MIN;
	if (hit_pct > HIT_PCT_MAX)
		hit_pct = HIT_PCT_MAX;
	return (struct taobench_config){
		.client_threads = given->client_threads,
		.slow_threads = given->slow_threads,
		.cache_capacity_mib = given->cache_capacity_mib ? given->cache_capacity_mib : 1,
		.target_hit_pct = hit_pct,
		.slow_path_us = given->slow_path_sleep_us,
		.slow_path_p99_us = given->slow_path_p99_us,
		.arrival_rate = given->arrival_rate,
		.slices_max = KTSTR_TAOBENCH_SLICES_MAX,
	};
}

static int taobench_work_check(const void *params, struct ktstr_error *error)
{
	struct taobench_config config = taobench_config_of(params);

	return taobench_check(&config, error);
}

static void taobench_work_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->buffer_bytes = KTSTR_TAOBENCH_SLICES_MAX *
				     sizeof(struct ktstr_taobench_slice);
}

static void taobench_work_prepare(struct ktstr_worker *worker)
{
	struct taobench_state *state = (struct taobench_state *)worker->state;
	struct taobench_config config = taobench_config_of(worker->params);
	struct ktstr_error error = { 0 };

	config.slices = (struct ktstr_taobench_slice *)worker->buffer;
	config.epoch = worker_epoch(worker);
	if (taobench_new(&config, &state->bench, &error))
		worker_complain(worker, "%s", error.text);
}

static void taobench_work_begin(struct ktstr_worker *worker)
{
	struct taobench_state *state = (struct taobench_state *)worker->state;
	struct ktstr_error error = { 0 };

	if (!state->bench || !taobench_start(state->bench, &error))
		return;
	worker_complain(worker, "%s", error.text);
	taobench_free(state->bench);
	state->bench = NULL;
}

static enum work_next taobench_work_iterate(struct ktstr_worker *worker)
{
	struct taobench_state *state = (struct taobench_state *)worker->state;

	while (sleep_for_tick(worker))
		;
	if (!state->bench)
		return WORK_SKIP;
	taobench_stop(state->bench);
	worker->work_units += taobench_ops(state->bench);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

static void taobench_work_report(struct ktstr_worker *worker, struct ktstr_worker_report *report)
{
	struct taobench_state *state = (struct taobench_state *)worker->state;

	if (!state->bench)
		return;
	taobench_stop(state->bench);
	taobench_report(state->bench, &state->report);
	report->taobench = &state->report;
}

static void taobench_work_end(struct ktstr_worker *worker)
{
	taobench_free(((struct taobench_state *)worker->state)->bench);
}

const struct ktstr_work_ops ktstr_work_taobench = {
	.name = "Taobench",
	.summary = "client threads read from a cache, dispatchers fetch what is missing",
	.params_size = sizeof(struct ktstr_work_taobench_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_taobench_params, client_threads, 0,
				    "client threads; 0: one per allowed CPU"),
			WORK_NUMBER(struct ktstr_work_taobench_params, slow_threads, 0,
				    "dispatchers; 0: a third of the clients, at least 1"),
			WORK_NUMBER(struct ktstr_work_taobench_params, cache_capacity_mib, 64,
				    "MiB of values in the cache"),
			WORK_NUMBER(struct ktstr_work_taobench_params, target_hit_pct, 90,
				    "percent of lookups that hit, 1 to 99"),
			WORK_NUMBER(struct ktstr_work_taobench_params, slow_path_sleep_us, 100,
				    "us of a fetch"),
			WORK_NUMBER(struct ktstr_work_taobench_params, slow_path_p99_us, 0,
				    "99th percentile of fetches in us, which makes the above "
				    "their median; 0: all the same"),
			WORK_NUMBER(struct ktstr_work_taobench_params, arrival_rate, 0,
				    "requests per second; 0: one after the other"),
			{ 0 },
		},
	.plumbing = taobench_work_plumbing,
	.check = taobench_work_check,
	.own_phases = true,
	.state_size = sizeof(struct taobench_state),
	.prepare = taobench_work_prepare,
	.begin = taobench_work_begin,
	.iterate = taobench_work_iterate,
	.report = taobench_work_report,
	.end = taobench_work_end,
};
