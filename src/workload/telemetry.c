// SPDX-License-Identifier: GPL-2.0-only
/* The memory of a worker's measurements. */
#include "workload/telemetry.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int telemetry_map(struct telemetry **ret_telemetry, struct ktstr_error *error)
{
	size_t size = sizeof(**ret_telemetry);
	void *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED) {
		int err = -errno;

		return ktstr_error_set(error, err, "map %zu bytes for measurements: %s", size,
				       strerror(-err));
	}
	/* Zeroing a huge page in the middle of the loop would show up in what is measured there. */
	madvise(base, size, MADV_NOHUGEPAGE);
	*ret_telemetry = base;
	return 0;
}

void telemetry_unmap(struct telemetry *telemetry)
{
	if (telemetry)
		munmap(telemetry, sizeof(*telemetry));
}
