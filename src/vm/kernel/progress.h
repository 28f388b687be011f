/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

/* How a long operation tells its caller where it is. Either function may be NULL. */
struct kernel_progress {
	void (*stage)(void *arg, const char *text); /* a new stage begins, "unpacking 3 packages" */
	void (*share)(void *arg, double pct, uint64_t total_bytes); /* of the stage; 0: not known */
	void *arg;
};

static inline void progress_stage(const struct kernel_progress *progress, const char *text)
{
	if (progress && progress->stage)
		progress->stage(progress->arg, text);
}

static inline void progress_share(const struct kernel_progress *progress, double pct,
				  uint64_t total_bytes)
{
	if (progress && progress->share)
		progress->share(progress->arg, pct, total_bytes);
}
