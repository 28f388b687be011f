// SPDX-License-Identifier: GPL-2.0-only
/* Result files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "check/verdict_json.h"
#include "runner/excerpt.h"
#include "runner/sidecar.h"
#include "base/utf8.h"

/* 64-bit FNV-1a: stable across machines and releases, which is all that is asked of it. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_field(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
	return (hash ^ 0xff) * FNV_PRIME; /* a separator that no UTF-8 text contains */
}

static uint64_t variant_hash(const struct test_plan *plan)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];
	uint64_t hash = hash_field(FNV_OFFSET, ktstr_topology_format(&plan->topology, topology));

	hash = hash_field(hash, test_plan_scheduler(plan));
	if (plan->work)
		hash = hash_field(hash, plan->work);
	return plan->on_host ? hash_field(hash, "host") : hash;
}

const char *sidecar_name(const struct test_record *record, char name[SIDECAR_NAME_MAX])
{
	snprintf(name, SIDECAR_NAME_MAX, "%s-%016" PRIx64 ".ktstr.json", record->plan->test->name,
		 variant_hash(record->plan));
	return name;
}

/* Text from the guest may hold any bytes, JSON only UTF-8. */
static json_t *clean_string(const char *text)
{
	auto_free char *clean = strdup(text);

	if (!clean)
		return NULL;
	utf8_repair(clean);
	return json_string(clean);
}

static json_t *phases_to_json(const struct run_facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->phases_count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:f}", "name", facts->phases[i].name, "duration_ms",
					(double)facts->phases[i].duration_ns / NS_PER_MS));
	return list;
}

static const char *format_time(time_t at, char *buffer, size_t size)
{
	struct tm utc;

	if (!gmtime_r(&at, &utc) || strftime(buffer, size, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		buffer[0] = '\0';
	return buffer;
}

/* What the original's readers look for. */
static void add_identity(json_t *json, const struct test_record *record)
{
	const struct test_plan *plan = record->plan;
	enum outcome_kind kind = record->outcome.kind;
	char topology[KTSTR_TOPOLOGY_TEXT_MAX], timestamp[32];
	const char *ci = getenv("KTSTR_CI");

	json_object_set_new(json, "test_name", json_string(plan->test->name));
	json_object_set_new(json, "topology",
			    json_string(ktstr_topology_format(&plan->topology, topology)));
	json_object_set_new(json, "scheduler", json_string(test_plan_scheduler(plan)));
	json_object_set_new(json, "passed", json_boolean(kind == OUTCOME_PASS));
	json_object_set_new(json, "skipped", json_boolean(kind == OUTCOME_SKIP));
	json_object_set_new(json, "inconclusive", json_boolean(kind == OUTCOME_INCONCLUSIVE));
	json_object_set_new(json, "expected_failure",
			    json_boolean(record->outcome.expected_failure));
	json_object_set_new(json, "vcpus", json_integer(ktstr_topology_num_cpus(&plan->topology)));
	json_object_set_new(json, "disk_mib", json_integer(plan->test->devices.disk_mib));
	json_object_set_new(json, "network", json_boolean(plan->test->devices.network));
	json_object_set_new(
		json, "timestamp",
		json_string(format_time(record->started_at, timestamp, sizeof(timestamp))));
	json_object_set_new(json, "run_id", json_string(record->run_id));
	json_object_set_new(json, "run_source", json_string(ci && *ci ? "ci" : "local"));
}

static void add_measured(json_t *json, const struct test_record *record)
{
	const struct run_facts *facts = record->facts;

	if (facts->verdict)
		json_object_set_new(json, "stats",
				    scenario_stats_to_json(verdict_stats(facts->verdict)));
	if (facts->kernel[0])
		json_object_set_new(json, "kernel_version", clean_string(facts->kernel));
	if (facts->cleanup_ns)
		json_object_set_new(json, "cleanup_duration_ms",
				    json_integer((json_int_t)(facts->cleanup_ns / NS_PER_MS)));
}

static void add_report(json_t *json, const struct test_record *record)
{
	const struct run_facts *facts = record->facts;
	const struct scheduler_exit *exit = &facts->scheduler_exit;

	json_object_set_new(json, "outcome", json_string(outcome_str(record->outcome.kind)));
	json_object_set_new(json, "message", clean_string(record->outcome.text));
	if (record->plan->work)
		json_object_set_new(json, "work_override", clean_string(record->plan->work));
	if (record->accel)
		json_object_set_new(json, "accel", json_string(record->accel));
	if (facts->stage != STAGE_NOT_STARTED)
		json_object_set_new(json, "template",
				    json_string(facts->template[0] ? facts->template : "cold"));
	json_object_set_new(json, "duration_ms",
			    json_integer((json_int_t)(facts->duration_ns / NS_PER_MS)));
	json_object_set_new(json, "phases", phases_to_json(facts));
	if (record->repeated)
		json_object_set_new(json, "repeated", clean_string(record->repeated));
	if (facts->verdict)
		json_object_set_new(json, "verdict", verdict_to_json(facts->verdict));
	if (exit->seen)
		json_object_set_new(
			json, "scheduler_exit",
			json_pack("{s:o*, s:o*, s:o*, s:o*}", "name",
				  exit->name ? clean_string(exit->name) : NULL, "kind",
				  exit->kind ? clean_string(exit->kind) : NULL, "reason",
				  exit->reason ? clean_string(exit->reason) : NULL, "trace",
				  exit->trace ? clean_string(exit->trace) : NULL));
	if (facts->last_milestone[0])
		json_object_set_new(json, "last_milestone", clean_string(facts->last_milestone));
	if (facts->processes.size)
		json_object_set_new(json, "processes", clean_string(tail_text(&facts->processes)));
	if (facts->scheduler_log.size)
		json_object_set_new(json, "scheduler_log",
				    clean_string(tail_text(&facts->scheduler_log)));
	if (facts->test_log.size)
		json_object_set_new(json, "test_log", clean_string(tail_text(&facts->test_log)));
	if (facts->trouble != CONSOLE_NONE)
		json_object_set_new(json, "kernel_trouble", clean_string(facts->trouble_line));
	if (facts->console)
		json_object_set_new(json, "console", clean_string(console_excerpt(facts->console)));
	if (record->rerun)
		json_object_set_new(json, "rerun", clean_string(record->rerun));
}

json_t *sidecar_to_json(const struct test_record *record)
{
	json_t *json = json_object();

	if (!json)
		return NULL;
	add_identity(json, record);
	add_measured(json, record);
	add_report(json, record);
	return json;
}

static int make_folders(const char *path, struct ktstr_error *error)
{
	auto_free char *copy = strdup(path);

	if (!copy)
		return ktstr_error_set(error, -ENOMEM, "no memory for '%s'", path);
	for (char *at = copy + 1; at[-1]; at++) {
		char saved = *at;

		if (saved != '/' && saved != '\0')
			continue;
		*at = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			return ktstr_error_set(error, -errno, "create '%s': %s", copy,
					       strerror(errno));
		*at = saved;
	}
	return 0;
}

int sidecar_prepare(const char *results_dir, struct ktstr_error *error)
{
	int err = make_folders(results_dir, error);

	if (!err && access(results_dir, W_OK | X_OK) < 0)
		err = ktstr_error_set(error, -errno, "%s", strerror(errno));
	if (err)
		return ktstr_error_wrap(error, err, "results folder '%s'", results_dir);
	return 0;
}

static int write_temporary(int dirfd, const char *name, const char *text, struct ktstr_error *error)
{
	auto_close int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "create '%s': %s", name, strerror(errno));
	err = file_write_all(fd, text, strlen(text));
	if (!err && fsync(fd) < 0)
		err = -errno;
	return err ? ktstr_error_set(error, err, "write '%s': %s", name, strerror(-err)) : 0;
}

static int write_atomically(int dirfd, const char *name, const char *text,
			    struct ktstr_error *error)
{
	char temporary[SIDECAR_NAME_MAX + 32];
	int err;

	/* Not *.json: readers of the folder must not see it. */
	snprintf(temporary, sizeof(temporary), ".%s.%d.tmp", name, (int)getpid());
	err = write_temporary(dirfd, temporary, text, error);
	if (!err && renameat(dirfd, temporary, dirfd, name) < 0)
		err = ktstr_error_set(error, -errno, "rename to '%s': %s", name, strerror(errno));
	if (err)
		unlinkat(dirfd, temporary, 0);
	return err;
}

int sidecar_write(const struct test_record *record, const char *results_dir,
		  struct ktstr_error *error)
{
	json_t *json = sidecar_to_json(record);
	auto_free char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	auto_close int dirfd = open(results_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[SIDECAR_NAME_MAX];
	int err;

	json_decref(json);
	if (!text)
		err = ktstr_error_set(error, -ENOMEM, "no memory");
	else if (dirfd < 0)
		err = ktstr_error_set(error, -errno, "%s", strerror(errno));
	else
		err = write_atomically(dirfd, sidecar_name(record, name), text, error);
	if (err)
		return ktstr_error_wrap(error, err, "result file of test '%s' in '%s'",
					record->plan->test->name, results_dir);
	return 0;
}
