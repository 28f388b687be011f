/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include <ktstr/report.h>

#include "workload/worker.h"

/* A cohort of one that wakes and many that are woken: who is who, and what all of them share. */

#define FAN_OUT_POST_WAKE_UNITS 256 /* of the messenger, after each message */

/* Receivers and the messenger; 0, which no number of workers fits, when that overflows. */
static inline unsigned fan_out_cohort(unsigned receivers)
{
	return receivers < UINT_MAX ? receivers + 1 : 0;
}

static inline bool fan_out_is_messenger(const struct ktstr_worker *worker)
{
	return worker->position == 0;
}

/* For the row: says which of the reports is the messenger's. */
void fan_out_report(struct ktstr_worker *worker, struct ktstr_worker_report *report);
