// SPDX-License-Identifier: GPL-2.0-only
/* Section 6.2 of the requirement, row by row: parameters, defaults, cohorts, and who may run it. */
#include <stdlib.h>

#include <ktstr/work.h>

#include "workload/work.h"
#include "workload/work_names.h"

#include "unit.h"

enum { PROCESS = 1, THREAD = 2, CONTAINER = 4, ANY = PROCESS | THREAD | CONTAINER };

static const struct {
	const char *name;
	const char *params;
	unsigned group_size; /* at the defaults */
	unsigned sorts;
	bool needs_params;
} rows[] = {
	{ "SpinWait", "", 0, ANY, false },
	{ "YieldHeavy", "", 0, ANY, false },
	{ "Mixed", "", 0, ANY, false },
	{ "IoSyncWrite", "", 0, ANY, false },
	{ "IoRandRead", "", 0, ANY, false },
	{ "IoConvoy", "", 0, ANY, false },
	{ "Bursty", "burst_ms=50 sleep_ms=100", 0, ANY, false },
	{ "PipeIo", "burst_iters=1024", 2, ANY, false },
	{ "FutexPingPong", "spin_iters=1024", 2, ANY, false },
	{ "CachePressure", "size_kib=32 stride_bytes=64", 0, ANY, false },
	{ "CacheYield", "size_kib=32 stride_bytes=64", 0, ANY, false },
	{ "CachePipe", "size_kib=32 burst_iters=1024", 2, ANY, false },
	{ "FutexFanOut", "fan_out=4 spin_iters=1024", 5, ANY, false },
	{ "Sequence", "phases=[]", 0, ANY, true },
	{ "ForkExit", "", 0, PROCESS, false },
	{ "NiceSweep", "", 0, ANY, false },
	{ "AffinityChurn", "spin_iters=1024", 0, ANY, false },
	{ "CrossAffinityChurn", "spin_iters=1024", 0, ANY, false },
	{ "PolicyChurn", "spin_iters=1024", 0, ANY, false },
	{ "FanOutCompute", "fan_out=4 cache_footprint_kib=256 operations=5 sleep_us=100", 5, ANY,
	  false },
	{ "Schbench",
	  "message_threads=1 worker_threads=0 cache_footprint_kib=256 operations=5 sleep_us=100 "
	  "skip_locking=no requests_per_sec=0 auto_rps_pct=0 split_percent=101 "
	  "pipe_transfer_bytes=0",
	  0, ANY, false },
	{ "Taobench",
	  "client_threads=0 slow_threads=0 cache_capacity_mib=64 target_hit_pct=90 "
	  "slow_path_sleep_us=100 slow_path_p99_us=0 arrival_rate=0",
	  0, ANY, false },
	{ "PageFaultChurn", "region_kib=4096 touches_per_cycle=256 spin_iters=64", 0, ANY, false },
	{ "MutexContention", "contenders=4 hold_iters=256 work_iters=1024", 4, ANY, false },
	{ "Custom", "name=NULL", 0, ANY, true },
	{ "ThunderingHerd", "waiters=7 batches=1000 inter_batch_ms=5", 8, ANY, false },
	{ "PriorityInversion",
	  "high_count=1 medium_count=1 low_count=1 hold_iters=4096 work_iters=1024 pi_mode=plain",
	  3, ANY, false },
	{ "ProducerConsumerImbalance",
	  "producers=2 consumers=1 produce_rate_hz=1000 consume_iters=4096 "
	  "queue_depth_target=1024",
	  3, ANY, false },
	{ "RtStarvation", "rt_workers=1 cfs_workers=1 rt_priority=50 burst_iters=1024", 2, ANY,
	  false },
	{ "AsymmetricWaker", "waker_class=cfs wakee_class=cfs burst_iters=1024", 2, ANY, false },
	{ "WakeChain", "depth=4 wake=pipe work_per_hop_us=100", 4, ANY, false },
	{ "NumaWorkingSetSweep", "region_kib=4096 sweep_period_ms=100 target_nodes=[]", 0, ANY,
	  false },
	{ "CgroupChurn", "groups=2 cycle_ms=100 parent=NULL", 0, PROCESS, false },
	{ "CgroupAttachStorm", "dest=NULL reap=sig_ign", 0, PROCESS, false },
	{ "SignalStorm", "signals_per_iter=16 work_iters=1024", 2, ANY, false },
	{ "PreemptStorm", "cfs_workers=2 rt_burst_iters=1024 rt_sleep_us=1000", 3, ANY, false },
	{ "EpollStorm", "producers=1 consumers=2 events_per_burst=32", 3, THREAD | CONTAINER,
	  false },
	{ "NumaMigrationChurn", "period_ms=100", 0, ANY, false },
	{ "IdleChurn", "burst_us=1000 sleep_us=5000 precise_timing=no", 0, ANY, false },
	{ "TimerLatency", "interval_us=1000", 0, ANY, false },
	{ "NetTraffic", "interval_us=100 frame_bytes=60", 0, ANY, false },
	{ "IrqWake", "interval_us=100 frame_bytes=60", 2, ANY, false },
	{ "AluHot", "width=widest", 0, ANY, false },
	{ "SmtSiblingSpin", "", 2, ANY, false },
	{ "IpcVariance", "hot_iters=100000 cold_iters=1024 period_iters=64", 0, ANY, false },
};

/* What a body sees that was given nothing: not the table's numbers, but those that it leads to. */
static void write_param(char *text, size_t size, const struct work_param *row, const void *params)
{
	const char *field = (const char *)params + row->offset;

	switch (row->kind) {
	case WORK_PARAM_NUMBER:
		snprintf(text, size, "%s=%u", row->name, *(const unsigned *)field);
		break;
	case WORK_PARAM_SWITCH:
		snprintf(text, size, "%s=%s", row->name, *(const bool *)field ? "yes" : "no");
		break;
	case WORK_PARAM_WORD:
		snprintf(text, size, "%s=%s", row->name, row->words[*(const int *)field]);
		break;
	case WORK_PARAM_TEXT:
		snprintf(text, size, "%s=%s", row->name,
			 *(const char *const *)field ? "TEXT" : "NULL");
		break;
	case WORK_PARAM_LIST:
		snprintf(text, size, "%s=%s", row->name,
			 *(const void *const *)field ? "[...]" : "[]");
		break;
	}
}

static void params_have_the_defaults_of_the_requirement(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ktstr_work_ops *ops;
		char text[512] = "";
		void *params;

		assert_int_equal(work_kind_find(rows[i].name, &ops, NULL), 0);
		params = work_params_resolve(ops->params, ops->params_size, NULL);
		assert_non_null(params);
		for (const struct work_param *row = ops->params; row && row->name; row++) {
			size_t length = strlen(text);

			if (length)
				text[length++] = ' ';
			write_param(text + length, sizeof(text) - length, row, params);
		}
		work_params_free(ops->params, params);
		if (strcmp(text, rows[i].params) != 0)
			fail_msg("%s has '%s', not '%s'", rows[i].name, text, rows[i].params);
		assert_int_equal(ktstr_work_group_size(&(struct ktstr_work){ .ops = ops }),
				 rows[i].group_size);
		assert_int_equal(ops->needs_params, rows[i].needs_params);
	}
}

/* Section 2.4, and a row for each kind there is. */
static void kinds_run_as_the_requirement_says(void **state)
{
	size_t kinds = 0;

	(void)state;
	while (work_kinds[kinds])
		kinds++;
	assert_int_equal(kinds, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ktstr_work_ops *ops;

		assert_int_equal(work_kind_find(rows[i].name, &ops, NULL), 0);
		print_message("row: %s\n", rows[i].name);
		assert_int_equal(!ops->not_as_process, (rows[i].sorts & PROCESS) != 0);
		assert_int_equal(!ops->not_as_thread, (rows[i].sorts & THREAD) != 0);
		assert_int_equal(!ops->not_in_container, (rows[i].sorts & CONTAINER) != 0);
		assert_true(strlen(ops->summary) > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(params_have_the_defaults_of_the_requirement),
		cmocka_unit_test(kinds_run_as_the_requirement_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
