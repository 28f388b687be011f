/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/report.h>

#include "workload/worker.h"

/* A cohort of one that wakes and many that are woken: who is who, and what all of them share. */

#define FAN_OUT_POST_WAKE_UNITS 256 /* of the messenger, after each message */

static inline bool fan_out_is_messenger(const struct ktstr_worker *worker)
{
	return worker->position == 0;
}

/* For the row: says which of the reports is the messenger's. */
void fan_out_report(struct ktstr_worker *worker, struct ktstr_worker_report *report);
