/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>
#include <ktstr/report.h>

#include "workload/report_bytes.h"

/*
 * The part of a report's frame that benchmarks fill: for each of the two a flag, and behind it the
 * totals and the slices. Of a histogram only buckets that are not empty travel.
 */

/* On the wire: u64 samples, u32 max, min, number of buckets; u16 index and u32 count of each. */
#define HISTOGRAM_BYTES_MAX (sizeof(uint64_t) + 3 * sizeof(uint32_t) + KTSTR_HISTOGRAM_BUCKETS * 6)

/*
 * Schbench has the larger slices (an epoch, five numbers, three histograms) and totals (four
 * numbers, the number of slices); a worker has one of the two.
 */
#define SCHBENCH_SLICE_BYTES_MAX (sizeof(uint32_t) + 5 * sizeof(uint64_t) + 3 * HISTOGRAM_BYTES_MAX)
#define REPORT_BENCH_BYTES_MAX                                                                     \
	(2 * sizeof(uint8_t) + 4 * sizeof(uint64_t) + sizeof(uint32_t) +                           \
	 KTSTR_SCHBENCH_SLICES_MAX * SCHBENCH_SLICE_BYTES_MAX)

void report_bench_put(struct writer *writer, const struct ktstr_worker_report *report);

/* What it allocates belongs to the report, also when it fails. -EBADMSG, -ENOMEM. */
int report_bench_get(struct reader *reader, struct ktstr_worker_report *report,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

void report_bench_release(struct ktstr_worker_report *report);
