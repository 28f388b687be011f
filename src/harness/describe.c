// SPDX-License-Identifier: GPL-2.0-only
/* Tests as JSON, for the tool: it never loads a test binary into its own address space. */
#include "check/verdict_json.h"
#include "harness/describe.h"
#include "workload/work.h"
#include "workload/work_names.h"

static json_t *topology_to_json(const struct ktstr_topology *topology)
{
	return json_pack("{s:i, s:i, s:i, s:i}", "numa_nodes", (int)topology->numa_nodes, "llcs",
			 (int)topology->llcs, "cores", (int)topology->cores, "threads",
			 (int)topology->threads);
}

static json_t *scheduler_to_json(const struct ktstr_scheduler *scheduler)
{
	if (!scheduler)
		return json_null();
	return json_pack("{s:s, s:s, s:s?, s:o, s:o}", "name", scheduler->name, "bpf_object",
			 scheduler->bpf_object, "struct_ops", scheduler->struct_ops, "topology",
			 topology_to_json(&scheduler->topology), "check",
			 check_to_json(&scheduler->check));
}

static json_t *payload_to_json(const struct ktstr_payload *payload)
{
	json_t *files = json_array();

	for (const char *const *file = payload->include_files; file && *file; file++)
		json_array_append_new(files, json_string(*file));
	return json_pack("{s:s, s:s, s:o}", "name", payload->name, "exe",
			 payload->exe ? payload->exe : payload->name, "include_files", files);
}

static json_t *payloads_to_json(const struct ktstr_payloads *payloads)
{
	json_t *list = json_array();

	for (size_t i = 0; i < payloads->count; i++)
		json_array_append_new(list, payload_to_json(payloads->payloads[i]));
	return list;
}

static json_t *test_to_json(const struct ktstr_test *test)
{
	return json_pack("{s:s, s:s, s:i, s:o, s:o, s:o, s:I, s:I, s:i, s:I, s:I, s:b, s:o, s:b}",
			 "name", test->name, "file", test->file ? test->file : "", "line",
			 test->line, "topology", topology_to_json(&test->topology), "check",
			 check_to_json(&test->check), "scheduler",
			 scheduler_to_json(test->scheduler), "duration_ms",
			 (json_int_t)test->duration_ms, "timeout_ms", (json_int_t)test->timeout_ms,
			 "workers_per_cgroup", (int)test->workers_per_cgroup, "memory_mib",
			 (json_int_t)test->memory_mib, "disk_mib", (json_int_t)test->disk_mib,
			 "network", (int)test->network, "payloads",
			 payloads_to_json(&test->payloads), "expect_err", (int)test->expect_err);
}

static json_t *works_to_json(void)
{
	json_t *list = json_array();

	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++)
		if (!(*kind)->needs_params)
			json_array_append_new(list, json_string(ktstr_work_name(
							    &(struct ktstr_work){ .ops = *kind })));
	return list;
}

json_t *tests_to_json(struct ktstr_test *const *tests, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, test_to_json(tests[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return json_pack("{s:{s:i, s:s}, s:o, s:o}", "ktstr", "protocol", HARNESS_PROTOCOL,
			 "version", KTSTR_VERSION, "tests", list, "works", works_to_json());
}
