/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_PAYLOAD_H
#define KTSTR_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/export.h>

struct ktstr_ctx;

/*
 * Payloads: real programs that a test runs, in a cgroup or not, with numbers taken from what they
 * print and checks on those numbers.
 *
 *	static const struct ktstr_payload hackbench = {
 *		.name = "hackbench",
 *		.args = KTSTR_ARGS("-g", "2", "-l", "1000"),
 *		.output = KTSTR_OUTPUT_REGEX({ "time_s", "Time: ([0-9.]+)" }),
 *		.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0), KTSTR_METRIC_MAX("time_s", 10)),
 *	};
 *
 * A declaration is data: zero means default, everything it points to is borrowed. The program and
 * its libraries reach a guest when the test names the payload in .payloads (ktstr_test(3)).
 */

/* Lists of texts end with NULL; a NULL list is an empty one. */
#define KTSTR_ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define KTSTR_FILES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define KTSTR_FLAGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* Known flags: none at all, where NULL would let every flag pass. */
#define KTSTR_FLAGS_NONE ((const char *const[]){ NULL })

/* How numbers are found in what a payload prints. */
enum ktstr_output_kind {
	KTSTR_OUTPUT_KIND_EXIT_CODE, /* not at all: only the exit code counts */
	KTSTR_OUTPUT_KIND_JSON,
	KTSTR_OUTPUT_KIND_REGEX,
};

/*
 * One metric by name. from is, for JSON, a path as in "jobs.0.read.iops"; for regular expressions,
 * an extended one (regex(7), ^ and $ match at line breaks) whose first group, or whole match where
 * it has none, is a number. The first match counts.
 */
struct ktstr_output_metric {
	const char *name;
	const char *from;
};

struct ktstr_output {
	enum ktstr_output_kind kind;
	const struct ktstr_output_metric *metrics; /* JSON: none means every number, by its path */
	size_t count;
};

#define KTSTR_OUTPUT_OF_KIND(kind_, ...)                                                           \
	((struct ktstr_output){                                                                    \
		.kind = (kind_),                                                                   \
		.metrics = (const struct ktstr_output_metric[]){ __VA_ARGS__ },                    \
		.count = sizeof((const struct ktstr_output_metric[]){ __VA_ARGS__ }) /             \
			 sizeof(struct ktstr_output_metric) })

/* Every finite number of the first JSON document in the output: {"a": [1]} gives "a.0". */
#define KTSTR_OUTPUT_JSON ((struct ktstr_output){ .kind = KTSTR_OUTPUT_KIND_JSON })
/* Only these, under names of one's own: KTSTR_OUTPUT_JSON_PATHS({ "iops", "jobs.0.read.iops" }). */
#define KTSTR_OUTPUT_JSON_PATHS(...) KTSTR_OUTPUT_OF_KIND(KTSTR_OUTPUT_KIND_JSON, __VA_ARGS__)
#define KTSTR_OUTPUT_REGEX(...) KTSTR_OUTPUT_OF_KIND(KTSTR_OUTPUT_KIND_REGEX, __VA_ARGS__)

/* What is demanded of a run. A bound is part of what it allows. */
enum ktstr_metric_check_kind {
	KTSTR_METRIC_CHECK_MIN,
	KTSTR_METRIC_CHECK_MAX,
	KTSTR_METRIC_CHECK_RANGE,
	KTSTR_METRIC_CHECK_EXISTS,
	KTSTR_METRIC_CHECK_EXIT_CODE,
};

struct ktstr_metric_check {
	enum ktstr_metric_check_kind kind;
	const char *metric; /* all but EXIT_CODE */
	double min, max;    /* as far as the kind has them */
	int exit_code;	    /* EXIT_CODE; -1: a signal ended it */
};

/* Elements of KTSTR_METRIC_CHECKS(), and nothing else: braces, so that they may be constants. */
#define KTSTR_METRIC_MIN(name, bound)                                                              \
	{                                                                                          \
		.kind = KTSTR_METRIC_CHECK_MIN, .metric = (name), .min = (bound)                   \
	}
#define KTSTR_METRIC_MAX(name, bound)                                                              \
	{                                                                                          \
		.kind = KTSTR_METRIC_CHECK_MAX, .metric = (name), .max = (bound)                   \
	}
#define KTSTR_METRIC_RANGE(name, lowest, highest)                                                  \
	{                                                                                          \
		.kind = KTSTR_METRIC_CHECK_RANGE, .metric = (name), .min = (lowest),               \
		.max = (highest)                                                                   \
	}
#define KTSTR_METRIC_EXISTS(name)                                                                  \
	{                                                                                          \
		.kind = KTSTR_METRIC_CHECK_EXISTS, .metric = (name)                                \
	}
#define KTSTR_EXIT_CODE(code)                                                                      \
	{                                                                                          \
		.kind = KTSTR_METRIC_CHECK_EXIT_CODE, .exit_code = (code)                          \
	}

struct ktstr_metric_checks {
	const struct ktstr_metric_check *checks;
	size_t count;
};

#define KTSTR_METRIC_CHECKS(...)                                                                   \
	((struct ktstr_metric_checks){                                                             \
		.checks = (const struct ktstr_metric_check[]){ __VA_ARGS__ },                      \
		.count = sizeof((const struct ktstr_metric_check[]){ __VA_ARGS__ }) /              \
			 sizeof(struct ktstr_metric_check) })

/* What a metric means to its reader; changes no check. */
enum ktstr_polarity {
	KTSTR_POLARITY_UNKNOWN,
	KTSTR_HIGHER_BETTER,
	KTSTR_LOWER_BETTER,
	KTSTR_TARGET_VALUE,
};

struct ktstr_metric_hint {
	const char *metric; /* the exact name; of two hints the last counts */
	const char *unit;   /* NULL: "" */
	enum ktstr_polarity polarity;
	double target; /* TARGET_VALUE: finite */
};

struct ktstr_metric_hints {
	const struct ktstr_metric_hint *hints;
	size_t count;
};

#define KTSTR_METRIC_HINTS(...)                                                                    \
	((struct ktstr_metric_hints){                                                              \
		.hints = (const struct ktstr_metric_hint[]){ __VA_ARGS__ },                        \
		.count = sizeof((const struct ktstr_metric_hint[]){ __VA_ARGS__ }) /               \
			 sizeof(struct ktstr_metric_hint) })

struct ktstr_payload {
	const char *name; /* two payloads may run one program under different names */
	/*
	 * NULL: the name. Without a slash it is looked for in PATH, "./x" and "a/x" below the
	 * folder of the test binary.
	 */
	const char *exe;
	const char *const *args; /* KTSTR_ARGS: before those of a single run */
	struct ktstr_output output;
	struct ktstr_metric_checks checks; /* before those of a single run */
	struct ktstr_metric_hints hints;
	/*
	 * KTSTR_FILES: what else goes into the guest, to the same absolute path, or to the same
	 * place below the folder of the test binary, which is where a test in a guest runs.
	 */
	const char *const *include_files;
	/*
	 * KTSTR_FLAGS: the long flags that a single run may add, "--runtime". NULL: any. What does
	 * not begin with "--" always passes, "--x=1" counts as "--x".
	 */
	const char *const *known_flags;
	/* No process group of its own: it stays in the test's, and only it is killed. */
	bool uses_parent_pgrp;
};

#define KTSTR_PAYLOAD(name_, ...) ((struct ktstr_payload){ .name = (name_), __VA_ARGS__ })

struct ktstr_payloads {
	const struct ktstr_payload *const *payloads;
	size_t count;
};

/* KTSTR_PAYLOADS(&fio, &hackbench) */
#define KTSTR_PAYLOADS(...)                                                                        \
	((struct ktstr_payloads){                                                                  \
		.payloads = (const struct ktstr_payload *const[]){ __VA_ARGS__ },                  \
		.count = sizeof((const struct ktstr_payload *const[]){ __VA_ARGS__ }) /            \
			 sizeof(const struct ktstr_payload *) })

/* What one run adds to its payload's declaration. */
struct ktstr_payload_options {
	const char *const *args;	   /* KTSTR_ARGS: behind the payload's */
	bool clear_args;		   /* without the payload's */
	struct ktstr_metric_checks checks; /* behind the payload's */
	bool clear_checks;		   /* without the payload's */
	/* A cgroup of the test's ktstr_cgroups; NULL: where the test itself is. */
	const char *cgroup;
	uint64_t timeout_ms; /* ktstr_payload_run() alone: then it is killed; 0: never */
};

enum ktstr_stream {
	KTSTR_STDOUT,
	KTSTR_STDERR,
};

struct ktstr_metric {
	char *name;
	double value; /* finite */
	const char *unit;
	enum ktstr_polarity polarity;
	double target;
	enum ktstr_stream stream; /* where it was printed */
};

/* At most so many metrics are kept of one run, and of its output so many bytes of each stream. */
#define KTSTR_METRICS_MAX 65536
#define KTSTR_PAYLOAD_OUTPUT_MAX (16u << 20)

/* How one run ended. Belongs to the caller, but for name and units: these are the payload's. */
struct ktstr_payload_result {
	const char *name;
	unsigned index; /* 0, 1, 2, ... in the order of their starts */
	int exit_code;	/* -1: a signal ended it */
	int signal;	/* which one; 0: none */
	bool timed_out;
	struct ktstr_metric *metrics;
	size_t num_metrics;
	size_t num_checks; /* judged or not */
	char **failures;   /* a line for each check that failed */
	size_t num_failures;
	char *out, *err; /* what it printed; bytes that are not UTF-8 are '?', zeroes spaces */
	size_t out_size, err_size;
	uint64_t discarded_bytes; /* beyond KTSTR_PAYLOAD_OUTPUT_MAX */
};

KTSTR_API void ktstr_payload_result_free(struct ktstr_payload_result *result); /* NULL-safe */

/* The first metric of that name; NULL when there is none. */
KTSTR_API const struct ktstr_metric *ktstr_payload_result_metric(
	const struct ktstr_payload_result *result, const char *name);

/* A payload that has been started. */
struct ktstr_payload_run;

/*
 * Start payload and return as soon as its program runs. Its standard output and error are drained
 * from now on; input, environment and working directory are the test's. It dies with the thread
 * that started it.
 *
 * In a cgroup it is from its first instruction on: the child waits before exec until it is placed.
 * payload and the checks of options (NULL: none) are borrowed until ktstr_payload_free(), payload
 * also as long as a result of it.
 *
 * -EINVAL: a declaration that cannot work, with the field in the text; a flag that is not among
 * the known ones; SIGCHLD is ignored. -ENOENT, -EACCES, ...: it could not be executed. -ETIMEDOUT:
 * the child did not get to run or to execute within 5 s each. When it could not be placed, the
 * error of that. Nothing is left behind.
 */
KTSTR_API int ktstr_payload_spawn(struct ktstr_ctx *ctx, const struct ktstr_payload *payload,
				  const struct ktstr_payload_options *options,
				  struct ktstr_payload_run **ret_run,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Its process id, until it has been waited for or killed; then 0. */
KTSTR_API int ktstr_payload_pid(const struct ktstr_payload_run *run);

/*
 * Wait until the program ends by itself, kill what is left of its process group, take the metrics,
 * judge the checks, and leave one record in the test's result. ret_result may be NULL.
 *
 * Checks that fail are in the result and the record and fail nothing by themselves: see
 * ktstr_payload_judge(). -EINVAL when run has been waited for or killed before; -ENOMEM.
 */
KTSTR_API int ktstr_payload_wait(struct ktstr_payload_run *run,
				 struct ktstr_payload_result **ret_result,
				 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The same without waiting: -EAGAIN while the program runs. */
KTSTR_API int ktstr_payload_try_wait(struct ktstr_payload_run *run,
				     struct ktstr_payload_result **ret_result,
				     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The same, with SIGKILL to the process group first. */
KTSTR_API int ktstr_payload_kill(struct ktstr_payload_run *run,
				 struct ktstr_payload_result **ret_result,
				 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Forget a run. One that was neither waited for nor killed is killed and reaped, and its metrics
 * are lost, which is a note in the verdict. A process that left the group escapes. NULL-safe; in
 * a process forked from the one that started it, only frees the handle.
 */
KTSTR_API void ktstr_payload_free(struct ktstr_payload_run *run);

/*
 * Start, wait, free. When options->timeout_ms passes first, the process group is killed and the
 * run ends as one that a signal ended: no error, timed_out is set, what was printed counts.
 */
KTSTR_API int ktstr_payload_run(struct ktstr_ctx *ctx, const struct ktstr_payload *payload,
				const struct ktstr_payload_options *options,
				struct ktstr_payload_result **ret_result,
				struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Make every check of result that failed a failure of the test. */
KTSTR_API void ktstr_payload_judge(struct ktstr_ctx *ctx,
				   const struct ktstr_payload_result *result);

static inline void ktstr_payload_auto_free(struct ktstr_payload_run **run)
{
	ktstr_payload_free(*run);
}
/* Frees the run at the end of the scope. */
#define KTSTR_AUTO_PAYLOAD_RUN __attribute__((cleanup(ktstr_payload_auto_free)))

static inline void ktstr_payload_result_auto_free(struct ktstr_payload_result **result)
{
	ktstr_payload_result_free(*result);
}
#define KTSTR_AUTO_PAYLOAD_RESULT __attribute__((cleanup(ktstr_payload_result_auto_free)))

#endif
