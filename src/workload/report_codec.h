/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/report.h>

/*
 * A worker's report as one frame: 12 bytes of header (magic, length of the payload, CRC-32 of the
 * payload), then the payload, little-endian. A worker may die or scribble at any moment, so the
 * decoder trusts nothing: every count is bounded and every text terminated before it is used.
 */
#define REPORT_MAGIC 0x5254574bu /* "KWTR" in memory */
#define REPORT_HEADER_BYTES 12

/* Room for a report whose arrays are all as long as the API allows, with so many phases. */
size_t report_frame_max(unsigned max_phases);

/* Write report into buffer; the size of the frame, or 0 when capacity is too small for it. */
size_t report_encode(const struct ktstr_worker_report *report, uint8_t *buffer, size_t capacity);

/*
 * Read a frame of exactly size bytes. The arrays of *ret_report are fresh memory (free them with
 * report_release). -EBADMSG: not a whole, sound frame; -ENOMEM. Never reads outside the frame.
 */
int report_decode(const uint8_t *frame, size_t size, struct ktstr_worker_report *ret_report,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Free what a report points to and empty it. */
void report_release(struct ktstr_worker_report *report);
