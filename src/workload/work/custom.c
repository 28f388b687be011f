// SPDX-License-Identifier: GPL-2.0-only
/* Custom: the user's own function, and what it can ask about its worker. */
#include <ktstr/work/custom.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "workload/work.h"
#include "workload/work/affinity_churn.h"
#include "workload/work/attach_storm.h"
#include "workload/work/own_cgroup.h"
#include "workload/worker.h"

#define SIBLINGS_MAX 4096 /* more than a scenario puts into one cgroup */

struct ktstr_custom {
	const struct ktstr_worker *worker;
	const struct ktstr_work_custom_params *params;
	cpu_set_t cpus;
	bool has_cgroup;
	char cgroup[OWN_CGROUP_MAX];
	pid_t siblings[SIBLINGS_MAX];
	size_t siblings_count;
};

void ktstr_custom_set_blob(struct ktstr_custom_config *config, const void *data, size_t bytes)
{
	if (bytes > sizeof(config->blob))
		bytes = sizeof(config->blob);
	memcpy(config->blob, data, bytes);
	config->blob_bytes = bytes;
}

bool ktstr_custom_stopping(const struct ktstr_custom *custom)
{
	return worker_stopping(custom->worker);
}

const struct ktstr_custom_config *ktstr_custom_config(const struct ktstr_custom *custom)
{
	return &custom->params->config;
}

const cpu_set_t *ktstr_custom_cpus(const struct ktstr_custom *custom)
{
	return &custom->cpus;
}

const pid_t *ktstr_custom_siblings(const struct ktstr_custom *custom, size_t *ret_count)
{
	*ret_count = custom->siblings_count;
	return custom->siblings;
}

const char *ktstr_custom_cgroup(const struct ktstr_custom *custom)
{
	return custom->has_cgroup ? custom->cgroup : NULL;
}

int ktstr_custom_open_sibling_procs(const struct ktstr_custom *custom, const char *name,
				    struct ktstr_error *error)
{
	char path[2 * OWN_CGROUP_MAX];
	int fd, err;

	if (!attach_dest_is_valid(name))
		return ktstr_error_set(error, -EINVAL,
				       "cgroup '%s': not a relative path without '.' and '..'",
				       name);
	if (!custom->has_cgroup)
		return ktstr_error_set(error, -ENOENT,
				       "cgroup '%s': the worker is in no cgroup that it could lie "
				       "beside",
				       name);
	snprintf(path, sizeof(path), "%s/../%s/cgroup.procs", custom->cgroup, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = -errno;
	return ktstr_error_set(error, err, "open %s: %s", path, strerror(-err));
}

static void read_siblings(struct ktstr_custom *custom)
{
	struct cross_affinity_pids pids = { .items = custom->siblings, .capacity = SIBLINGS_MAX };
	char path[OWN_CGROUP_MAX + 16];
	auto_close int fd = -1;

	snprintf(path, sizeof(path), "%s/cgroup.procs", custom->cgroup);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !cross_affinity_read_pids(fd, getpid(), &pids))
		custom->siblings_count = pids.count;
}

/* Into memory that exists before the start: the worker's buffer. */
static void look_around(struct ktstr_custom *custom, const struct ktstr_worker *worker)
{
	custom->worker = worker;
	custom->params = worker->params;
	if (sched_getaffinity(0, sizeof(custom->cpus), &custom->cpus))
		CPU_ZERO(&custom->cpus);
	custom->has_cgroup = !own_cgroup_path(custom->cgroup, NULL);
	if (custom->has_cgroup)
		read_siblings(custom);
}

/* Units without iterations look like starvation to whoever divides them. */
static void warn_of_missing_iterations(const char *name)
{
	static atomic_flag warned = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&warned))
		dprintf(STDERR_FILENO,
			"ktstr: custom work '%s' reports work_units but no iterations\n", name);
}

static const char *custom_label(const void *params)
{
	const struct ktstr_work_custom_params *custom = params;

	return custom && custom->name ? custom->name : "Custom";
}

static void custom_run(struct ktstr_worker *worker, struct ktstr_worker_report *report)
{
	struct ktstr_custom *custom = (struct ktstr_custom *)worker->buffer;

	look_around(custom, worker);
	custom->params->run(custom, report);
	if (report->work_units && !report->iterations)
		warn_of_missing_iterations(custom_label(worker->params));
}

static int custom_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_custom_params *custom = params;

	if (!custom->run)
		return ktstr_error_set(error, -EINVAL, "run: there is no function");
	if (custom->config.blob_bytes > KTSTR_CUSTOM_BLOB_BYTES)
		return ktstr_error_set(error, -EINVAL, "config.blob_bytes: %zu, there are %d",
				       custom->config.blob_bytes, KTSTR_CUSTOM_BLOB_BYTES);
	return 0;
}

static void custom_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->buffer_bytes = sizeof(struct ktstr_custom);
}

const struct ktstr_work_ops ktstr_work_custom = {
	.name = "Custom",
	.summary = "calls a function of your own",
	.params_size = sizeof(struct ktstr_work_custom_params),
	.params =
		(const struct work_param[]){
			WORK_TEXT(struct ktstr_work_custom_params, name, "its name in reports"),
			{ 0 },
		},
	.needs_params = true,
	.label = custom_label,
	.plumbing = custom_plumbing,
	.check = custom_check,
	.run = custom_run,
};
