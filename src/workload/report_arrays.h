/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>
#include <ktstr/report.h>

#include "workload/report_bytes.h"

/*
 * The arrays that both a report and its slices have. What is read lands in fresh memory, which is
 * the report's also when reading fails.
 */
size_t report_samples_max(size_t limit); /* bytes for at most limit values */
void report_put_samples(struct writer *writer, const struct ktstr_samples *samples);
int report_get_samples(struct reader *reader, size_t limit, struct ktstr_samples *samples,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

size_t report_pages_max(void);
void report_put_pages(struct writer *writer, const struct ktstr_numa_pages *pages, size_t count);
int report_get_pages(struct reader *reader, struct ktstr_numa_pages **ret_pages, size_t *ret_count,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;
