/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>
#include <ktstr/report.h>

#include "workload/report_bytes.h"

/* The phases of a report. What is read is the report's also when reading fails. */
size_t report_slices_max(unsigned max_phases); /* bytes */
void report_put_slices(struct writer *writer, const struct ktstr_phase_slice *slices, size_t count);
int report_get_slices(struct reader *reader, struct ktstr_phase_slice **ret_slices,
		      size_t *ret_count, struct ktstr_error *error) KTSTR_MUST_CHECK;
void report_free_slices(struct ktstr_phase_slice *slices, size_t count); /* NULL-safe */
