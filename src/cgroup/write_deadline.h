/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/export.h>

/*
 * Open dirfd/file and write text to it, waiting at most limit_ms. 0, the errno of open(2) or
 * write(2), -ETIMEDOUT, or what kept the write from being begun: -EMFILE, -ENOMEM, -EAGAIN.
 *
 * A write to a cgroup file sleeps on the kernel's cgroup locks, which no signal interrupts; a
 * scheduler under test that stalls a holder of those locks would take the test with it. Only
 * another thread can be waited for with a deadline, so one does the write. When it overruns it is
 * left behind, still blocked, and cleans up after itself should the kernel ever let it go.
 */
int write_deadline(int dirfd, const char *file, const char *text,
		   unsigned limit_ms) KTSTR_MUST_CHECK;
