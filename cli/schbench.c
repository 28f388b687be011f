// SPDX-License-Identifier: GPL-2.0-only
/* ktstr schbench: the benchmark with the command line and the output of the original. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/cpulist.h"
#include "cli/command.h"
#include "cli/schbench_print.h"
#include "cli/stop.h"

#define UNSET UINT64_MAX /* --split 0 is not the same as no --split */

struct arguments {
	uint64_t message_threads, threads, footprint, operations, sleep, rps, auto_rps, split, pipe;
	uint64_t runtime, warmup, interval, zero;
	bool no_locking, calibrate;
	const char *message_cpus, *worker_cpus, *json, *jobname;
};

/* Names, letters and units are the original's, so that its command lines work. */
static const struct option_row rows[] = {
	OPTION_U64("message-threads", 'm', struct arguments, message_threads, "N",
		   "message threads (1)"),
	OPTION_U64("threads", 't', struct arguments, threads, "N",
		   "worker threads per message thread (one per CPU in all)"),
	OPTION_U64("cache_footprint", 'F', struct arguments, footprint, "KB",
		   "cache footprint of a request (256)"),
	OPTION_U64("operations", 'n', struct arguments, operations, "N",
		   "multiplications per request (5)"),
	OPTION_U64("sleep_usec", 's', struct arguments, sleep, "USEC",
		   "think time per request (100)"),
	OPTION_FLAG("no-locking", 'L', struct arguments, no_locking,
		    "hold no lock of the CPU while computing"),
	OPTION_U64("split", 0, struct arguments, split, "PERCENT",
		   "part of footprint and operations that is private (all)"),
	OPTION_U64("rps", 'R', struct arguments, rps, "N", "requests per second (no limit)"),
	OPTION_U64("auto-rps", 'A', struct arguments, auto_rps, "PERCENT",
		   "find the rate that keeps the CPUs that busy"),
	OPTION_U64("pipe", 'p', struct arguments, pipe, "BYTES",
		   "hand over so many bytes instead of computing"),
	OPTION_FLAG("calibrate", 'C', struct arguments, calibrate,
		    "time the computing alone, without locks"),
	OPTION_STRING("message-cpus", 'M', struct arguments, message_cpus, "LIST",
		      "CPUs of message threads, or auto"),
	OPTION_STRING("worker-cpus", 'W', struct arguments, worker_cpus, "LIST",
		      "CPUs of worker threads, or auto"),
	OPTION_U64("runtime", 'r', struct arguments, runtime, "SECONDS", "length of the run (30)"),
	OPTION_U64("warmuptime", 'w', struct arguments, warmup, "SECONDS",
		   "forget what was measured until then (0)"),
	OPTION_U64("intervaltime", 'i', struct arguments, interval, "SECONDS",
		   "print latencies that often (10)"),
	OPTION_U64("zerotime", 'z', struct arguments, zero, "SECONDS",
		   "forget what was measured that often (never)"),
	OPTION_STRING("json", 'j', struct arguments, json, "FILE", "write JSON, - is stdout"),
	OPTION_STRING("jobname", 'J', struct arguments, jobname, "NAME", "a name to put into it"),
	OPTION_END,
};

static const struct option_set schbench_options = {
	.command = "ktstr schbench",
	.synopsis = "[OPTION...]",
	.summary = "Runs schbench: message threads wake worker threads, which compute. Measures "
		   "wake-up\nlatencies, request latencies and requests per second.",
	.rows = rows,
};

const struct option_set *const cli_schbench_options[] = { &schbench_options, NULL };

/* A run and what it is told. */
struct session {
	struct arguments arguments;
	struct schbench_config config;
	cpu_set_t message_cpus, worker_cpus;
	_Atomic uint32_t epoch; /* counts how often the numbers were forgotten */
	struct schbench *bench;
	struct ktstr_schbench_slice *seen; /* numbers on their way to be printed */
	int stop_fd;
	uint64_t elapsed_ns;
};

/* What is a number in both. */
static int take_numbers(struct session *session, struct ktstr_error *error)
{
	const struct arguments *arguments = &session->arguments;
	struct schbench_config *config = &session->config;
	const struct cli_number numbers[] = {
		{ "message-threads", arguments->message_threads, &config->message_threads },
		{ "threads", arguments->threads, &config->worker_threads },
		{ "cache_footprint", arguments->footprint, &config->cache_footprint_kib },
		{ "operations", arguments->operations, &config->operations },
		{ "sleep_usec", arguments->sleep, &config->sleep_us },
		{ "rps", arguments->rps, &config->requests_per_sec },
		{ "auto-rps", arguments->auto_rps, &config->auto_rps_pct },
		{ "split", arguments->split == UNSET ? 0 : arguments->split, &config->split_pct },
		{ "pipe", arguments->pipe, &config->pipe_bytes },
	};

	return cli_take_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]), error);
}

/* auto: each message thread gets a CPU of its own, the worker threads get the rest. */
static int divide_cpus(struct session *session, struct ktstr_error *error)
{
	cpu_set_t allowed;
	unsigned left = session->config.message_threads;

	CPU_ZERO(&session->message_cpus);
	CPU_ZERO(&session->worker_cpus);
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return ktstr_error_set(error, -errno, "sched_getaffinity: %s", strerror(errno));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_SET(cpu, left ? &session->message_cpus : &session->worker_cpus);
		left -= left > 0;
	}
	if (!CPU_COUNT(&session->worker_cpus))
		return ktstr_error_set(error, -EINVAL,
				       "auto: %u message threads leave none of the %d CPUs for "
				       "worker threads",
				       session->config.message_threads, CPU_COUNT(&allowed));
	session->config.message_cpus = &session->message_cpus;
	session->config.worker_cpus = &session->worker_cpus;
	return 0;
}

static int take_list(const char *name, const char *text, cpu_set_t *cpus,
		     const cpu_set_t **ret_cpus, struct ktstr_error *error)
{
	int err;

	if (!text)
		return 0;
	err = cpulist_parse(text, cpus, error);
	if (!err && !CPU_COUNT(cpus))
		err = ktstr_error_set(error, -EINVAL, "no CPU in '%s'", text);
	if (err)
		return ktstr_error_wrap(error, err, "option --%s", name);
	*ret_cpus = cpus;
	return 0;
}

static bool is_auto(const char *text)
{
	return text && strcmp(text, "auto") == 0;
}

static int take_cpus(struct session *session, struct ktstr_error *error)
{
	const struct arguments *arguments = &session->arguments;
	int err;

	if (is_auto(arguments->message_cpus) || is_auto(arguments->worker_cpus))
		return divide_cpus(session, error);
	err = take_list("message-cpus", arguments->message_cpus, &session->message_cpus,
			&session->config.message_cpus, error);
	return err ? err
		   : take_list("worker-cpus", arguments->worker_cpus, &session->worker_cpus,
			       &session->config.worker_cpus, error);
}

static int check_times(const struct arguments *arguments, struct ktstr_error *error)
{
	const uint64_t limit = UINT32_MAX;

	if (!arguments->runtime || arguments->runtime > limit)
		return ktstr_error_set(error, -EINVAL, "option --runtime: %llu out of range 1..=%u",
				       (unsigned long long)arguments->runtime, UINT32_MAX);
	if (arguments->warmup >= arguments->runtime)
		return ktstr_error_set(error, -EINVAL,
				       "option --warmuptime: %llu is not below the runtime, %llu",
				       (unsigned long long)arguments->warmup,
				       (unsigned long long)arguments->runtime);
	if (!arguments->interval || arguments->interval > limit || arguments->zero > limit)
		return ktstr_error_set(error, -EINVAL,
				       "options --intervaltime and --zerotime: out of range 1..=%u",
				       UINT32_MAX);
	return 0;
}

static int prepare(struct session *session, struct ktstr_error *error)
{
	const struct arguments *arguments = &session->arguments;
	struct schbench_config *config = &session->config;
	int err = check_times(arguments, error);

	if (!err)
		err = take_numbers(session, error);
	if (!err)
		err = take_cpus(session, error);
	if (err)
		return err;
	config->calibrate = arguments->calibrate;
	config->skip_locking = arguments->no_locking || arguments->calibrate;
	config->split = arguments->split != UNSET;
	config->epoch = &session->epoch;
	/* One to begin with, one after the warm-up, one for each zeroing, one as the last. */
	config->slices_max = 3 + (arguments->zero ? arguments->runtime / arguments->zero : 0);
	config->slices = calloc(config->slices_max, sizeof(*config->slices));
	session->seen = calloc(1, sizeof(*session->seen));
	if (!config->slices || !session->seen)
		return ktstr_error_set(error, -ENOMEM, "no memory for the measurements");
	err = stop_open(&session->stop_fd, error);
	return err ? err : schbench_new(config, &session->bench, error);
}

static void release(struct session *session)
{
	schbench_free(session->bench);
	free(session->config.slices);
	free(session->seen);
	if (session->stop_fd >= 0)
		close(session->stop_fd);
}

static void announce(const struct session *session)
{
	const struct schbench_config *config = &session->config;
	unsigned private_dimension, shared_dimension;

	if (!config->worker_threads)
		fprintf(stderr, "setting worker threads to %u\n",
			schbench_worker_threads(session->bench));
	if (!config->split)
		return;
	schbench_dimensions(config, &private_dimension, &shared_dimension);
	fprintf(stderr, "split mode: %u%% private (%u KB per thread), %u%% shared (%u KB total)\n",
		config->split_pct, config->cache_footprint_kib * config->split_pct / 100,
		100 - config->split_pct,
		config->cache_footprint_kib * (100 - config->split_pct) / 100);
	fprintf(stderr, "matrix sizes: private=%u, shared=%u\n", private_dimension,
		shared_dimension);
}

static void forget(struct session *session)
{
	atomic_fetch_add(&session->epoch, 1);
}

static const struct ktstr_schbench_slice *look(struct session *session)
{
	memset(session->seen, 0, sizeof(*session->seen));
	schbench_read(session->bench, session->seen);
	return session->seen;
}

static void print_interval(struct session *session, double rps)
{
	uint64_t message_ns, worker_ns;

	schbench_read_delays(session->bench, &message_ns, &worker_ns);
	schbench_print_latencies(stderr, look(session), session->elapsed_ns / NS_PER_S);
	schbench_print_delays(stderr, message_ns, worker_ns);
	fprintf(stderr, "current rps: %.2f\n", rps);
}

/* Once a second until the end or until the user has had enough. */
static void watch(struct session *session)
{
	const struct arguments *arguments = &session->arguments;
	uint64_t start_ns = clock_now_ns();
	bool stopped = false;

	for (uint64_t second = 1; second <= arguments->runtime && !stopped; second++) {
		double rps;

		stopped = stop_wait(session->stop_fd, start_ns + second * NS_PER_S);
		session->elapsed_ns = clock_now_ns() - start_ns;
		rps = schbench_tick(session->bench);
		if (stopped || second == arguments->runtime)
			break;
		if (second == arguments->warmup) {
			fprintf(stderr, "warmup done, zeroing stats\n");
			forget(session);
		} else if (second % arguments->interval == 0 && !session->config.pipe_bytes) {
			print_interval(session, rps);
		}
		if (arguments->zero && second % arguments->zero == 0)
			forget(session);
	}
}

static void print_end(struct session *session)
{
	uint64_t seconds = (session->elapsed_ns + NS_PER_S / 2) / NS_PER_S;
	uint64_t loops = schbench_loop_count(session->bench);
	struct ktstr_schbench_report report;

	schbench_report(session->bench, &report);
	if (session->config.pipe_bytes) {
		schbench_print_pipe(stderr, session->seen, &report, loops,
				    session->config.pipe_bytes, seconds);
		return;
	}
	schbench_print_latencies(stderr, session->seen, seconds);
	if (session->config.auto_rps_pct)
		fprintf(stderr, "final rps goal was %u\n", schbench_goal_rps(session->bench));
	else
		fprintf(stderr, "average rps: %.2f\n",
			(double)loops * NS_PER_S / (double)session->elapsed_ns);
	schbench_print_delays(stderr, report.message_sched_delay_ns, report.worker_sched_delay_ns);
}

/* The words of a command line, as a line. */
static char *join(int argc, char **argv)
{
	size_t size = 1;
	char *line, *at;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	line = calloc(1, size);
	if (!line)
		return NULL;
	at = line;
	for (int i = 0; i < argc; i++)
		at += snprintf(at, size - (size_t)(at - line), "%s%s", i ? " " : "", argv[i]);
	return line;
}

static int write_json(const struct session *session, const char *command_line,
		      struct ktstr_error *error)
{
	const char *path = session->arguments.json;
	json_t *json = schbench_json(session->seen, session->config.pipe_bytes > 0,
				     session->arguments.jobname, command_line,
				     session->arguments.runtime);
	int err;

	if (!json)
		return ktstr_error_set(error, -ENOMEM,
				       "no memory for the JSON, or a name in it "
				       "is not UTF-8");
	if (strcmp(path, "-") == 0)
		err = json_dumpf(json, stdout, JSON_COMPACT);
	else
		err = json_dump_file(json, path, JSON_COMPACT);
	json_decref(json);
	return err ? ktstr_error_set(error, -EIO, "cannot write '%s'", path) : 0;
}

static int run(struct session *session, const char *command_line, struct ktstr_error *error)
{
	int err = prepare(session, error);

	if (!err)
		err = schbench_start(session->bench, error);
	if (err)
		return err;
	announce(session);
	watch(session);
	schbench_stop(session->bench);
	look(session);
	if (session->arguments.json)
		err = write_json(session, command_line, error);
	print_end(session);
	return err;
}

int cli_schbench(int argc, char **argv)
{
	struct session session = {
		.arguments = {
			.message_threads = 1,
			.footprint = 256,
			.operations = 5,
			.sleep = 100,
			.split = UNSET,
			.runtime = 30,
			.interval = 10,
		},
		.stop_fd = -1,
	};
	auto_free char *command_line = join(argc, argv);
	struct ktstr_error error = { 0 };
	unsigned args;
	int err, status = cli_parse(&schbench_options, argc, argv, &session.arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	err = command_line ? run(&session, command_line, &error)
			   : ktstr_error_set(&error, -ENOMEM, "no memory");
	release(&session);
	return err ? cli_error(schbench_options.command, "%s", error.text) : CLI_OK;
}
