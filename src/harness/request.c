// SPDX-License-Identifier: GPL-2.0-only
/* The agent's request to run a test, as it stands in the environment. */
#include <errno.h>

#include <jansson.h>

#include "check/verdict_json.h"
#include "harness/request.h"

int run_request_parse(const char *text, struct run_request *ret_request, struct ktstr_error *error)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct run_request request = { 0 };
	json_int_t duration_ms, workers;
	json_t *check, *scheduler;
	const char *topology = NULL;
	json_error_t at;
	int err;

	if (json_unpack_ex(json, &at, 0, "{s:I, s:I, s:o, s:o, s?s}", "duration_ms", &duration_ms,
			   "workers_per_cgroup", &workers, "check", &check, "scheduler",
			   &scheduler, "topology", &topology)) {
		json_decref(json);
		return ktstr_error_set(error, -EBADMSG, "run request: %s",
				       json ? at.text : "not JSON");
	}
	err = check_from_json(check, &request.check, error);
	if (!err && topology)
		err = ktstr_topology_parse(topology, &request.topology, error);
	if (!err && (duration_ms <= 0 || workers <= 0 || workers > UINT32_MAX))
		err = ktstr_error_set(error, -EBADMSG,
				      "run request: duration_ms %lld and workers_per_cgroup %lld "
				      "must be positive",
				      (long long)duration_ms, (long long)workers);
	request.duration_ms = (uint64_t)duration_ms;
	request.workers_per_cgroup = (unsigned)workers;
	request.scheduler = json_is_object(scheduler);
	json_decref(json);
	if (err)
		return err;
	*ret_request = request;
	return 0;
}
