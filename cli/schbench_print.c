// SPDX-License-Identifier: GPL-2.0-only
/* How schbench's numbers look, as text and as JSON. */
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/schbench_print.h"

static const char *const names[KTSTR_PERCENTILES] = { "20.0", "50.0", "90.0", "99.0", "99.9" };

#define LEVEL(percentile) (1u << KTSTR_PERCENTILE_##percentile)

/* The star marks the percentile that matters most. */
static void print_histogram(FILE *out, const struct ktstr_histogram *histogram, const char *label,
			    const char *unit, uint64_t seconds, unsigned shown, unsigned starred)
{
	struct ktstr_percentiles percentiles;

	ktstr_histogram_percentiles(histogram, &percentiles);
	fprintf(out, "%s percentiles (%s) runtime %llu (s) (%llu total samples)\n", label, unit,
		(unsigned long long)seconds, (unsigned long long)histogram->samples);
	for (unsigned i = 0; i < KTSTR_PERCENTILES; i++) {
		if (!(shown & 1u << i))
			continue;
		fprintf(out, "\t%s%sth: %-10u (%llu samples)\n", starred & 1u << i ? "* " : "  ",
			names[i], percentiles.values[i], (unsigned long long)percentiles.counts[i]);
	}
	fprintf(out, "\t  min=%u, max=%u\n", histogram->min, histogram->max);
}

#define SHOWN_LATENCIES (LEVEL(50) | LEVEL(90) | LEVEL(99) | LEVEL(99_9))

void schbench_print_latencies(FILE *out, const struct ktstr_schbench_slice *slice, uint64_t seconds)
{
	print_histogram(out, &slice->wakeup_us, "Wakeup Latencies", "usec", seconds,
			SHOWN_LATENCIES, LEVEL(99));
	print_histogram(out, &slice->request_us, "Request Latencies", "usec", seconds,
			SHOWN_LATENCIES, LEVEL(99));
	print_histogram(out, &slice->rps, "RPS", "requests", seconds,
			LEVEL(20) | LEVEL(50) | LEVEL(90), LEVEL(50));
}

void schbench_print_delays(FILE *out, uint64_t message_ns, uint64_t worker_ns)
{
	fprintf(out, "sched delay: message %llu (usec) worker %llu (usec)\n",
		(unsigned long long)message_ns / 1000, (unsigned long long)worker_ns / 1000);
}

static double scale_bytes(double bytes, const char **ret_unit)
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };
	unsigned unit = 0;

	while (bytes >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}
	*ret_unit = units[unit];
	return bytes;
}

void schbench_print_pipe(FILE *out, const struct ktstr_schbench_slice *slice,
			 const struct ktstr_schbench_report *report, uint64_t loops,
			 unsigned pipe_bytes, uint64_t seconds)
{
	double ops = report->worker_runtime_us
			     ? (double)loops * 1e6 / (double)report->worker_runtime_us
			     : 0;
	const char *unit;
	double bytes = scale_bytes(ops * pipe_bytes, &unit);

	print_histogram(out, &slice->wakeup_us, "Wakeup Latencies", "usec", seconds,
			LEVEL(20) | SHOWN_LATENCIES, LEVEL(99));
	fprintf(out, "avg worker transfer: %.2f ops/sec %.2f%s/s\n", ops, bytes, unit);
}

static int add_histogram(json_t *object, const struct ktstr_histogram *histogram, const char *label)
{
	struct ktstr_percentiles percentiles;
	char key[64];
	int err = 0;

	ktstr_histogram_percentiles(histogram, &percentiles);
	for (unsigned i = 0; i < KTSTR_PERCENTILES; i++) {
		snprintf(key, sizeof(key), "%s_pct%s", label, names[i]);
		err |= json_object_set_new(object, key, json_integer(percentiles.values[i]));
	}
	snprintf(key, sizeof(key), "%s_min", label);
	err |= json_object_set_new(object, key, json_integer(histogram->min));
	snprintf(key, sizeof(key), "%s_max", label);
	err |= json_object_set_new(object, key, json_integer(histogram->max));
	return err;
}

/* The name of the sched_ext scheduler that is attached, or "disabled". */
static json_t *scheduler_name(void)
{
	char *text = NULL;
	json_t *name = NULL;

	if (!file_read(AT_FDCWD, "/sys/kernel/sched_ext/root/ops", 1024, &text, NULL, NULL)) {
		text[strcspn(text, "\n")] = '\0';
		if (*text)
			name = json_string(text);
		free(text);
	}
	return name ? name : json_string("disabled");
}

static json_t *describe_run(const char *jobname, const char *command_line)
{
	json_t *object = json_object();
	struct utsname system;
	int err = 0;

	uname(&system);
	err |= json_object_set_new(object, "version", json_string(system.release));
	if (jobname)
		err |= json_object_set_new(object, "jobname", json_string(jobname));
	err |= json_object_set_new(object, "hostname", json_string(system.nodename));
	err |= json_object_set_new(object, "sched_ext", scheduler_name());
	err |= json_object_set_new(object, "cmdline", json_string(command_line));
	if (err) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *describe_numbers(const struct ktstr_schbench_slice *slice, bool pipe,
				uint64_t seconds)
{
	json_t *object = json_object();
	int err = json_object_set_new(object, "time", json_integer(time(NULL)));

	err |= add_histogram(object, &slice->wakeup_us, "wakeup_latency");
	if (!pipe) {
		err |= add_histogram(object, &slice->request_us, "request_latency");
		err |= add_histogram(object, &slice->rps, "rps");
	}
	err |= json_object_set_new(object, "runtime", json_integer((json_int_t)seconds));
	if (err) {
		json_decref(object);
		return NULL;
	}
	return object;
}

json_t *schbench_json(const struct ktstr_schbench_slice *slice, bool pipe, const char *jobname,
		      const char *command_line, uint64_t seconds)
{
	return json_pack("{s:o,s:o}", "normal", describe_run(jobname, command_line), "int",
			 describe_numbers(slice, pipe, seconds));
}
