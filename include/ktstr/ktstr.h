/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_KTSTR_H
#define KTSTR_KTSTR_H

/* Everything a test needs; each header stands on its own too. */
#include <ktstr/affinity.h>
#include <ktstr/cgroup.h>
#include <ktstr/cgroup_def.h>
#include <ktstr/check.h>
#include <ktstr/cpuset.h>
#include <ktstr/error.h>
#include <ktstr/histogram.h>
#include <ktstr/machine.h>
#include <ktstr/mem_policy.h>
#include <ktstr/op.h>
#include <ktstr/optional.h>
#include <ktstr/payload.h>
#include <ktstr/policy.h>
#include <ktstr/report.h>
#include <ktstr/scenario.h>
#include <ktstr/scenarios.h>
#include <ktstr/schbench.h>
#include <ktstr/scheduler.h>
#include <ktstr/taobench.h>
#include <ktstr/test.h>
#include <ktstr/topology.h>
#include <ktstr/work.h>
#include <ktstr/work_spec.h>
#include <ktstr/workload.h>

#endif
