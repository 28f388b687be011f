// SPDX-License-Identifier: GPL-2.0-only
/* A test binary from exec to exit, and where the time went, from its result file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/program.h"
#include "vm/argv.h"
#include "ways.h"

static void whole_argv(const struct bench *bench, struct argv *argv)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	argv_add(argv, "%s", bench->test);
	argv_add(argv, "--topology");
	argv_add(argv, "%s", ktstr_topology_format(&bench->topology, topology));
	argv_add(argv, "--accel");
	argv_add(argv, "%s", accel_kind_str(bench->env.accel.kind));
	argv_add(argv, "--results");
	argv_add(argv, "%s", bench->results);
	if (bench->filter) {
		argv_add(argv, "--filter");
		argv_add(argv, "%s", bench->filter);
	}
	if (bench->cold)
		argv_add(argv, "--no-template");
	if (bench->kernel) {
		argv_add(argv, "--kernel");
		argv_add(argv, "%s", bench->kernel);
	}
}

/* The result file, removed: the only one of the folder. */
static json_t *take_result(const char *folder, struct ktstr_error *error)
{
	auto_closedir DIR *dir = opendir(folder);
	json_error_t why;
	json_t *result = NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_close int fd = -1;

		if (entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		json_decref(result);
		result = fd >= 0 ? json_loadfd(fd, 0, &why) : NULL;
		unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (!result)
		ktstr_error_set(error, -ENOENT, "no result file in '%s'", folder);
	return result;
}

static int read_phases(json_t *result, struct whole_times *times, struct ktstr_error *error)
{
	json_t *phases = json_object_get(result, "phases"), *phase;
	size_t i;

	json_array_foreach(phases, i, phase) {
		const char *name;
		double ms;

		if (times->phases_count == WHOLE_PHASES_MAX)
			break;
		if (json_unpack(phase, "{s:s, s:F}", "name", &name, "duration_ms", &ms))
			return ktstr_error_set(error, -EBADMSG, "result file: phases[%zu]", i);
		snprintf(times->phases[times->phases_count].name, sizeof(times->phases[0].name),
			 "%.31s", name);
		times->phases[times->phases_count++].ms = ms;
	}
	return 0;
}

int run_whole(const struct bench *bench, struct whole_times *ret_times, struct ktstr_error *error)
{
	auto_argv struct argv argv = { 0 };
	auto_free char *output = NULL;
	struct program program = { .dir = AT_FDCWD, .stop_fd = -1 };
	uint64_t begin_ns;
	json_t *result;
	int err;

	*ret_times = (struct whole_times){ 0 };
	whole_argv(bench, &argv);
	if (argv.failed)
		return ktstr_error_set(error, -ENOMEM, "no memory for arguments");
	begin_ns = clock_now_ns();
	program.argv = (const char *const *)argv.items;
	program.deadline_ns = clock_deadline_ms(BENCH_LIMIT_MS);
	err = program_output(&program, &output, error);
	ret_times->total_ms = (double)(clock_now_ns() - begin_ns) / NS_PER_MS;
	if (err)
		return ktstr_error_wrap(error, err, "test '%s'", bench->test);
	result = take_result(bench->results, error);
	if (!result)
		return -ENOENT;
	err = read_phases(result, ret_times, error);
	json_decref(result);
	return err;
}
