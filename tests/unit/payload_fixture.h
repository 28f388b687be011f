/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "cgroup/cgroup_ops.h"
#include "fake_tree.h"
#include "payload/payload.h"
#include "unit.h"

/* A test around payloads: cgroups that only take note, the records, the notes. */
struct payload_fixture {
	struct ktstr_cgroups cgroups;
	struct payload_env env;
	unsigned next_index;
	unsigned records; /* calls of env.record */
	unsigned last_index;
	char notes[2048];
	char placed[64]; /* cgroup of the last process that was placed */
	pid_t placed_pid;
	int place_error; /* what placing answers */
	int fds;	 /* open when the test began */
};

static struct payload_fixture fixture;

static inline int fixture_place_task(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
				     struct ktstr_error *error)
{
	(void)cgroups;
	if (fixture.place_error)
		return ktstr_error_set(error, fixture.place_error, "write '%s/cgroup.procs'", name);
	fixture.placed_pid = pid;
	snprintf(fixture.placed, sizeof(fixture.placed), "%s", name);
	return 0;
}

static inline void fixture_record(void *data, const struct ktstr_payload_result *result)
{
	(void)data;
	fixture.records++;
	fixture.last_index = result->index;
}

static inline void fixture_note(void *data, const char *text)
{
	size_t used = strlen(fixture.notes);

	(void)data;
	snprintf(fixture.notes + used, sizeof(fixture.notes) - used, "%s\n", text);
}

static inline int fixture_setup(void **state)
{
	static const struct cgroup_ops ops = { .place_task = fixture_place_task };

	fixture = (struct payload_fixture){
		.cgroups = { .ops = &ops },
		.env = {
			.cgroups = &fixture.cgroups,
			.next_index = &fixture.next_index,
			.record = fixture_record,
			.note = fixture_note,
		},
		.fds = count_fds(),
	};
	*state = &fixture;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	int leaked = count_fds() - fixture.fds;

	(void)state;
	if (leaked)
		print_error("%d descriptors leaked\n", leaked);
	return leaked ? -1 : 0;
}

/* Run a shell script as payload p and fail the test when that is not possible. */
static inline struct ktstr_payload_result *fixture_run(const struct ktstr_payload *payload,
						       const struct ktstr_payload_options *options)
{
	struct ktstr_payload_result *result = NULL;
	struct ktstr_error error = { 0 };

	if (payload_run(&fixture.env, payload, options, &result, &error))
		fail_msg("%s", error.text);
	return result;
}

#define SHELL(script, ...)                                                                         \
	KTSTR_PAYLOAD("p", .exe = "/bin/sh", .args = KTSTR_ARGS("-c", script), ##__VA_ARGS__)
