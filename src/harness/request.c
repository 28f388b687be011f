// SPDX-License-Identifier: GPL-2.0-only
/* The agent's request to run a test, as it stands in the environment. */
#include <errno.h>

#include <jansson.h>

#include "check/verdict_json.h"
#include "harness/request.h"

static int parse_work(const char *name, struct run_request *request, struct ktstr_error *error)
{
	int err;

	if (!name)
		return 0;
	err = ktstr_work_from_name(name, &request->work, error);
	if (err)
		return ktstr_error_wrap(error, -EBADMSG, "run request: work");
	request->has_work = true;
	return 0;
}

/* {"cgroup_parent": "/abs", "walk_root": "/abs"} */
static int parse_host(json_t *host, struct run_request *request, struct ktstr_error *error)
{
	const char *parent, *root;

	if (!host)
		return 0;
	if (json_unpack(host, "{s:s, s:s}", "cgroup_parent", &parent, "walk_root", &root) ||
	    *parent != '/' || *root != '/' ||
	    snprintf(request->cgroup_parent, PATH_MAX, "%s", parent) >= PATH_MAX ||
	    snprintf(request->walk_root, PATH_MAX, "%s", root) >= PATH_MAX)
		return ktstr_error_set(error, -EBADMSG,
				       "run request: host: cgroup_parent and walk_root have to be "
				       "absolute paths");
	return 0;
}

int run_request_parse(const char *text, struct run_request *ret_request, struct ktstr_error *error)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct run_request request = { 0 };
	json_int_t duration_ms, workers;
	json_t *check, *scheduler, *host = NULL;
	const char *topology = NULL, *work = NULL;
	json_error_t at;
	int err;

	if (json_unpack_ex(json, &at, 0, "{s:I, s:I, s:o, s:o, s?s, s?s, s?o}", "duration_ms",
			   &duration_ms, "workers_per_cgroup", &workers, "check", &check,
			   "scheduler", &scheduler, "topology", &topology, "work", &work, "host",
			   &host)) {
		json_decref(json);
		return ktstr_error_set(error, -EBADMSG, "run request: %s",
				       json ? at.text : "not JSON");
	}
	err = check_from_json(check, &request.check, error);
	if (!err && topology)
		err = ktstr_topology_parse(topology, &request.topology, error);
	if (!err)
		err = parse_work(work, &request, error);
	if (!err)
		err = parse_host(host, &request, error);
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
