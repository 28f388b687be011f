// SPDX-License-Identifier: GPL-2.0-only
/* The request to run a test. */
#include "check/verdict_json.h"
#include "runner/run_message.h"

static json_t *scheduler_to_json(const struct test_plan *plan, const char *object)
{
	const struct binary_scheduler *scheduler = plan->test->scheduler;

	if (!scheduler)
		return json_null();
	return json_pack("{s:s, s:s, s:s?}", "name", scheduler->name, "object", object,
			 "struct_ops", scheduler->struct_ops);
}

/* A guest has the topology that was asked for; this machine has to be looked at. */
static int add_place(json_t *json, const struct test_plan *plan,
		     const struct run_message_place *place)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	if (!place->cgroup_parent)
		return json_object_set_new(
			json, "topology",
			json_string(ktstr_topology_format(&plan->topology, topology)));
	return json_object_set_new(json, "host",
				   json_pack("{s:s, s:s}", "cgroup_parent", place->cgroup_parent,
					     "walk_root", place->walk_root));
}

json_t *run_message_new(const struct test_plan *plan, json_int_t id,
			const struct run_message_place *place)
{
	json_t *json = json_pack("{s:I, s:s, s:s, s:I, s:i, s:I, s:b, s:o, s:o, s:s*}", "id", id,
				 "binary", place->binary, "test", plan->test->name, "duration_ms",
				 (json_int_t)plan->duration_ms, "workers_per_cgroup",
				 (int)plan->workers_per_cgroup, "timeout_ms",
				 (json_int_t)plan->timeout_ms, "verbose", 0, "check",
				 check_to_json(&plan->check), "scheduler",
				 scheduler_to_json(plan, place->object), "work", plan->work);

	if (!json || add_place(json, plan, place) == 0)
		return json;
	json_decref(json);
	return NULL;
}
