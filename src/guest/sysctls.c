// SPDX-License-Identifier: GPL-2.0-only
/* Kernel settings of the guest. */
#include <fcntl.h>
#include <stddef.h>

#include "base/file.h"
#include "guest/sysctls.h"

static const struct {
	const char *path, *value;
} sysctls[] = {
	/* Run delay and wait counts of the workers, off by default for their cost. */
	{ "/proc/sys/kernel/sched_schedstats", "1" },
	/* Run count and time of each BPF program. */
	{ "/proc/sys/kernel/bpf_stats_enabled", "1" },
	/* A worker that asks for memory gets it, or the test ends visibly by the OOM killer. */
	{ "/proc/sys/vm/overcommit_memory", "1" },
};

void sysctls_setup(void)
{
	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		int err = file_write_text(AT_FDCWD, sysctls[i].path, sysctls[i].value, NULL);

		/* The report fields that depend on it stay unmeasured and say so. */
		(void)err;
	}
}
