/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * For a child between fork(2) and exec(3), while all signals are blocked: every signal back at its
 * default, so that no handler of the parent runs here. Async-signal-safe.
 */
void signals_reset(void);
