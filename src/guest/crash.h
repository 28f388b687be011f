/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * The end of the guest when its agent cannot go on. The host reads the console: a line that begins
 * with "PANIC: " says why, then the machine restarts, which QEMU (-no-reboot) takes for its end.
 */

/* From now on fatal signals end that way. The console is /dev/console, so mount /dev before. */
void crash_setup(void);

/* Say why and restart the machine. */
_Noreturn void crash(const struct ktstr_error *error);
