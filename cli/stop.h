/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * A descriptor that becomes readable when the user wants to stop (SIGINT, SIGTERM, SIGHUP,
 * SIGQUIT): from now on these do nothing else, so that whoever waits can end things in order. A
 * process has one.
 */
int stop_open(int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Sleep until deadline_ns (CLOCK_MONOTONIC); true when the user wants to stop before that. */
bool stop_wait(int stop_fd, uint64_t deadline_ns);
