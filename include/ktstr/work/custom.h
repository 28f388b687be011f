/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_CUSTOM_H
#define KTSTR_WORK_CUSTOM_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/error.h>
#include <ktstr/export.h>

/* Work of your own: a function. */

#define KTSTR_WORK_TYPES_CUSTOM(X) X(custom, "Custom")

struct ktstr_worker_report;

/* What the function learns about its worker; lives as long as the call. */
struct ktstr_custom;

#define KTSTR_CUSTOM_SLOTS 4
#define KTSTR_CUSTOM_BLOB_BYTES 32

/* Plain values for the function: the worker has a copy, in whatever process it is. */
struct ktstr_custom_config {
	uint64_t u64[KTSTR_CUSTOM_SLOTS];
	size_t size[KTSTR_CUSTOM_SLOTS];
	int32_t i32[KTSTR_CUSTOM_SLOTS];
	bool flag[KTSTR_CUSTOM_SLOTS];
	unsigned char blob[KTSTR_CUSTOM_BLOB_BYTES];
	size_t blob_bytes; /* of blob that mean something */
};

/* Copy data into the blob: its first KTSTR_CUSTOM_BLOB_BYTES when there are more. */
KTSTR_API void ktstr_custom_set_blob(struct ktstr_custom_config *config, const void *data,
				     size_t bytes);

/*
 * Custom: run is called once, when the worker has become what its spec asks for, and comes back
 * soon after ktstr_custom_stopping(). The report is all zero at first and goes out as run leaves
 * it: the engine measures nothing, publishes no iterations, and cuts no phases. What the report
 * points to has to stay until the worker ends.
 *
 * In a process of its own, the function may do anything; what it forks belongs to the worker's
 * process group and dies with it. In a thread (KTSTR_CLONE_THREAD, pcomm) it shares its process
 * with others, so it must not exit, fork, exec, change session, process group, folder or ids, nor
 * what prctl(2) sets for a process, and it ends what it has started itself.
 */
struct ktstr_work_custom_params {
	const char *name; /* in reports and errors; default "Custom" */
	void (*run)(const struct ktstr_custom *custom, struct ktstr_worker_report *report);
	struct ktstr_custom_config config;
};

/* Whether the function is to come back. Cheap; ask at least every 100 ms. */
KTSTR_API bool ktstr_custom_stopping(const struct ktstr_custom *custom);

/* Never NULL. */
KTSTR_API const struct ktstr_custom_config *ktstr_custom_config(const struct ktstr_custom *custom);

/* The CPUs that the worker may run on, as it began; empty when the kernel did not say. */
KTSTR_API const cpu_set_t *ktstr_custom_cpus(const struct ktstr_custom *custom);

/* The other processes of the worker's cgroup, as it began: *ret_count of them. */
KTSTR_API const pid_t *ktstr_custom_siblings(const struct ktstr_custom *custom, size_t *ret_count);

/* The folder of the worker's cgroup (v2); NULL in the root cgroup, or without cgroup v2. */
KTSTR_API const char *ktstr_custom_cgroup(const struct ktstr_custom *custom);

/*
 * Open cgroup.procs of the cgroup called name that lies beside the worker's own, for writing. A
 * descriptor, or a negative errno: -EINVAL for a name that leads elsewhere, -ENOENT when the
 * worker has no cgroup that lies beside others.
 */
KTSTR_API int ktstr_custom_open_sibling_procs(const struct ktstr_custom *custom, const char *name,
					      struct ktstr_error *error) KTSTR_MUST_CHECK;

#endif
