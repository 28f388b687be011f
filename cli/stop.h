/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * A descriptor that becomes readable when the user wants to stop (SIGINT, SIGTERM, SIGHUP,
 * SIGQUIT): from now on these do nothing else, so that whoever waits can end things in order. A
 * process has one.
 */
int stop_open(int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;
