/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_TEST_H
#define KTSTR_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/cgroup.h>
#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/machine.h>
#include <ktstr/payload.h>
#include <ktstr/report.h>
#include <ktstr/scheduler.h>
#include <ktstr/topology.h>

struct ktstr_ctx;

/*
 * A test: declared with KTSTR_TEST, registered before main() runs. Zero means default.
 */
struct ktstr_test {
	const char *name; /* the four set by KTSTR_TEST */
	const char *file;
	int line;
	/*
	 * 0, or a negative errno for "could not run". Whether the scheduler behaved is the
	 * verdict collected in ctx, never the return value.
	 */
	int (*run)(struct ktstr_ctx *ctx);

	struct ktstr_topology topology;		 /* fields left 0: the scheduler's, then 1n1l2c1t */
	const struct ktstr_scheduler *scheduler; /* NULL: the kernel's own, EEVDF */
	struct ktstr_check check;		 /* on top of the scheduler's */
	uint64_t duration_ms;			 /* of the scenario; default 12000 */
	uint64_t timeout_ms;	     /* once the guest is ready; default duration + 20 s */
	unsigned workers_per_cgroup; /* default 1 */
	uint64_t settle_ms;	     /* what scenarios of the catalogue wait first; default 0 */
	unsigned memory_mib;	     /* default: by CPUs, at least 1024 */
	unsigned disk_mib;	     /* a disk of its own, /dev/vda, all zeroes; default none */
	bool network;		     /* a NIC that receives what it sends, and nothing else */
	/*
	 * Programs that the test runs: KTSTR_PAYLOADS(&fio). Each is found on the host, in PATH or
	 * beside the test binary, and sent into the guest with its libraries and include_files.
	 */
	struct ktstr_payloads payloads;
	bool expect_err; /* pass when the verdict is a failure, and only then */

	struct ktstr_test *next; /* the registry's */
};

/*
 * Declare and register a test:
 *
 *	KTSTR_TEST(two_cgroups, .topology = { .llcs = 1, .cores = 2 })
 *	{
 *		return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2),
 *					  KTSTR_CGROUP("cg_1", .workers = 2));
 *	}
 */
#define KTSTR_TEST(ident, ...)                                                                     \
	static int ktstr_run_##ident(struct ktstr_ctx *ctx);                                       \
	static struct ktstr_test ktstr_test_##ident = { .name = #ident,                            \
							.file = __FILE__,                          \
							.line = __LINE__,                          \
							.run = ktstr_run_##ident,                  \
							__VA_ARGS__ };                             \
	__attribute__((constructor)) static void ktstr_add_##ident(void)                           \
	{                                                                                          \
		ktstr_test_register(&ktstr_test_##ident);                                          \
	}                                                                                          \
	static int ktstr_run_##ident(struct ktstr_ctx *ctx)

/* Called by KTSTR_TEST. The test must live as long as the process. */
KTSTR_API void ktstr_test_register(struct ktstr_test *test);

/* What a test may ask of its context. All pointers are borrowed and live as long as ctx. */
KTSTR_API const struct ktstr_machine *ktstr_ctx_machine(const struct ktstr_ctx *ctx);
KTSTR_API struct ktstr_cgroups *ktstr_ctx_cgroups(const struct ktstr_ctx *ctx);
KTSTR_API uint64_t ktstr_ctx_duration_ms(const struct ktstr_ctx *ctx);
KTSTR_API unsigned ktstr_ctx_workers_per_cgroup(const struct ktstr_ctx *ctx);
KTSTR_API uint64_t ktstr_ctx_settle_ms(const struct ktstr_ctx *ctx);

/* The step that runs, from 1 on; 0 before the first and after the last. */
KTSTR_API unsigned ktstr_ctx_current_step(const struct ktstr_ctx *ctx);

/* What KTSTR_CAPTURE_CGROUP_PROCS() noted under tag, the first time; false: nothing yet. */
KTSTR_API bool ktstr_ctx_captured_procs(const struct ktstr_ctx *ctx, const char *tag,
					const pid_t **ret_pids, size_t *ret_count);

/*
 * Zeroed memory that lives as long as ctx and need not be freed, for declarations that are made up
 * while the test runs. NULL: there is none.
 */
KTSTR_API void *ktstr_ctx_alloc(struct ktstr_ctx *ctx, size_t size);

/* Add to the verdict: a failure, a reason for skipping, or a note that changes nothing. */
KTSTR_API void ktstr_fail(struct ktstr_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
KTSTR_API void ktstr_skip(struct ktstr_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
KTSTR_API void ktstr_note(struct ktstr_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Judge reports that the test collected itself against the test's checks and add them to the
 * verdict as cgroup name. cpus is the set for the isolation check, NULL where there is none.
 */
KTSTR_API void ktstr_judge(struct ktstr_ctx *ctx, const char *name,
			   const struct ktstr_reports *reports, const cpu_set_t *cpus);

/*
 * Report a failed call and return its code, for tests that use the direct API:
 * if (err) return ktstr_could_not_run(ctx, &error);
 */
KTSTR_API int ktstr_could_not_run(struct ktstr_ctx *ctx, const struct ktstr_error *error);

#endif
