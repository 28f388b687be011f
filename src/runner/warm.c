// SPDX-License-Identifier: GPL-2.0-only
/* A session that ends where a test would begin. */
#include <errno.h>
#include <string.h>

#include "runner/session_private.h"
#include "runner/warm.h"

static bool has_phase(const struct run_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->phases_count; i++)
		if (strcmp(facts->phases[i].name, name) == 0)
			return true;
	return false;
}

static int explain(const struct run_facts *facts, struct ktstr_error *error)
{
	struct outcome outcome;

	if (facts->interrupted)
		return ktstr_error_set(error, -EINTR, "interrupted");
	if (facts->stage >= STAGE_AGENT)
		return ktstr_error_set(error, -EIO, "the guest boots, but not from a template");
	outcome_classify(facts, false, &outcome);
	return ktstr_error_set(error, -EIO, "%s", outcome.text);
}

int session_warm(const struct session_env *env, const struct warm_guest *guest,
		 struct warmed *ret_warmed, struct ktstr_error *error)
{
	const struct binary_test test = { .name = (char *)"",
					  .memory_mib = guest->memory_mib,
					  .devices = guest->devices };
	const struct test_plan plan = { .test = &test, .topology = guest->topology };
	struct run_facts facts = { .exit_code = -1 };
	struct session session = { .plan = &plan, .facts = &facts };
	int err = 0;

	session_boot(&session, env);
	vm_free(session.vm);
	if (facts.template[0]) {
		memcpy(ret_warmed->template, facts.template, sizeof(facts.template));
		ret_warmed->made = has_phase(&facts, "save");
	} else {
		err = explain(&facts, error);
	}
	run_facts_release(&facts);
	return err;
}
