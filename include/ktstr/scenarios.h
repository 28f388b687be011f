/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_SCENARIOS_H
#define KTSTR_SCENARIOS_H

#include <ktstr/export.h>

struct ktstr_ctx;

/*
 * The catalogue: scenarios that schedulers have been caught by, ready to run.
 *
 *	KTSTR_TEST(cpuset_resize, .topology = { .llcs = 2, .cores = 4 },
 *		   .check = { .not_stuck = KTSTR_YES })
 *	{
 *		return ktstr_scenario_cpuset_resize(ctx);
 *	}
 *
 * "w" are workers, "default" is one group of SpinWait with the test's workers_per_cgroup. All last
 * for the test's duration. Each returns as ktstr_execute() does; on a machine that is too small it
 * skips the test, with the reason, before any cgroup exists.
 */
#define KTSTR_SCENARIOS_CURATED(X)                                                                 \
	X(steady, "two default cgroups side by side")                                              \
	X(steady_llc, "two default cgroups, each on an LLC of its own")                            \
	X(oversubscribed, "two cgroups with 32 w of Mixed each")                                   \
	X(cpuset_apply, "half of the CPUs each, from the middle on")                               \
	X(cpuset_clear, "half of the CPUs each, until the middle")                                 \
	X(cpuset_resize, "the border between two cpusets moves twice")                             \
	X(cgroup_add, "cgroups join in the middle")                                                \
	X(cgroup_remove, "half of the cgroups leave in the middle")                                \
	X(affinity_change, "every worker is pinned to random CPUs again and again")                \
	X(affinity_pinned, "all workers on the same two CPUs")                                     \
	X(host_contention, "workers in cgroups against as many as there are CPUs outside")         \
	X(mixed_workloads, "many that compute, some in bursts, some that write")                   \
	X(nested_steady, "workers in cgroups inside cgroups")                                      \
	X(nested_task_move, "workers move up and down a tree of cgroups")

#define KTSTR_SCENARIOS_CUSTOM(X)                                                                  \
	X(custom_host_cgroup_contention, "workers in cgroups against workers outside")             \
	X(custom_sched_mixed, "Normal, Batch, Idle and FIFO workers in both cgroups")              \
	X(custom_cgroup_pipe_io, "pairs that wake each other by pipes beside workers that spin")   \
	X(custom_cgroup_cpuset_apply_midrun, "cpusets appear in the middle")                       \
	X(custom_cgroup_cpuset_clear_midrun, "cpusets go in the middle")                           \
	X(custom_cgroup_cpuset_resize, "the border between two cpusets moves twice")               \
	X(custom_cgroup_cpuset_swap_disjoint, "two cpusets change places, and back")               \
	X(custom_cgroup_cpuset_workload_imbalance, "one half of the CPUs crowded, one bursty")     \
	X(custom_cgroup_cpuset_change_imbalance, "a bursty cgroup is squeezed into one CPU")       \
	X(custom_cgroup_cpuset_numa_swap, "two cgroups change NUMA nodes")                         \
	X(custom_cgroup_cpuset_load_shift, "load appears on the half that was nearly idle")        \
	X(custom_cgroup_add_midrun, "cgroups join in the middle")                                  \
	X(custom_cgroup_remove_midrun, "half of the cgroups leave in the middle")                  \
	X(custom_cgroup_rapid_churn, "empty cgroups come and go ten times a second")               \
	X(custom_cgroup_cpuset_add_remove, "a third cpuset comes and goes")                        \
	X(custom_cgroup_add_during_imbalance, "a cgroup joins two that are uneven")                \
	X(custom_cgroup_affinity_change, "every worker is pinned to random CPUs again and again")  \
	X(custom_cgroup_multicpu_pin, "all workers on the same two CPUs")                          \
	X(custom_cgroup_cpuset_multicpu_pin, "all workers on two CPUs of their half")              \
	X(custom_cgroup_add_load_imbalance, "a crowded cgroup joins two quiet ones")               \
	X(custom_cgroup_imbalance_mixed_workload, "many that compute, some in bursts, some write") \
	X(custom_cgroup_load_oscillation, "heavy and light change sides four times")               \
	X(custom_cgroup_4way_load_imbalance, "four cgroups of very different load")                \
	X(custom_cgroup_cpuset_imbalance_combined, "a crowded and a bursty half")                  \
	X(custom_cgroup_cpuset_overlap_imbalance_combined, "three loads on overlapping cpusets")   \
	X(custom_cgroup_no_ctrl_task_migration, "workers move between cgroups without limits")     \
	X(custom_cgroup_no_ctrl_imbalance, "workers spill over into an empty cgroup and back")     \
	X(custom_cgroup_no_ctrl_cpuset_change, "cpusets go in the middle")                         \
	X(custom_cgroup_no_ctrl_load_imbalance, "16 w against one that yields")                    \
	X(custom_cgroup_io_compute_imbalance, "workers that write against workers that compute")   \
	X(custom_nested_cgroup_steady, "workers in cgroups inside cgroups")                        \
	X(custom_nested_cgroup_task_move, "workers move up and down a tree of cgroups")            \
	X(custom_nested_cgroup_rapid_churn, "cgroups inside a busy one come and go")               \
	X(custom_nested_cgroup_cpuset, "a cpuset within a cpuset")                                 \
	X(custom_nested_cgroup_imbalance, "uneven load in inner cgroups")                          \
	X(custom_nested_cgroup_no_ctrl, "inner cgroups without controllers")                       \
	X(custom_cgroup_per_cpu, "a cgroup and a worker on each CPU")                              \
	X(custom_cgroup_exhaust_reuse, "many cgroups go, and others take their place")             \
	X(custom_cgroup_dsq_contention, "many short sleepers against pinned workers")              \
	X(custom_cgroup_workload_variety, "five kinds of work in five cgroups")                    \
	X(custom_cgroup_cpuset_workload_variety, "three kinds of work, each on a third")           \
	X(custom_cgroup_dynamic_workload_variety, "a fourth cgroup joins three kinds and leaves")  \
	X(custom_cgroup_cpuset_cross_llc_race, "cpusets flip between LLCs five times a second")    \
	X(custom_cache_pressure_imbalance, "cache misses against pure computing")                  \
	X(custom_cache_yield_wake_affine, "yielders with a footprint, an LLC each")                \
	X(custom_cache_pipe_io_compute_imbalance, "pipe pairs with a footprint against computing") \
	X(custom_fan_out_wake, "one wakes four, beside workers that compute")                      \
	X(custom_fan_out_compute, "one wakes four that then compute, beside workers that compute")

#define KTSTR_SCENARIOS(X) KTSTR_SCENARIOS_CURATED(X) KTSTR_SCENARIOS_CUSTOM(X)

#define KTSTR_SCENARIO_DECLARE(name, summary)                                                      \
	KTSTR_API int ktstr_scenario_##name(struct ktstr_ctx *ctx);
KTSTR_SCENARIOS(KTSTR_SCENARIO_DECLARE)
#undef KTSTR_SCENARIO_DECLARE

#endif
