/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/export.h>

/*
 * A pipe for what a child prints: both ends close on exec, reading does not block, and both are
 * above lowest, so that the child's dup2(2) to lowest and below overwrites neither. 0 or -errno;
 * then an end that is open is in ends all the same (-1: it is not), for the caller to close.
 */
int pipe_open_above(int lowest, int ends[2]) KTSTR_MUST_CHECK;
