// SPDX-License-Identifier: GPL-2.0-only
/* Milestones and results as facts. Whoever sent them may have sent anything. */
#include <errno.h>
#include <stdio.h>

#include "check/verdict_json.h"
#include "runner/facts_messages.h"

#define NAME_MAX_BYTES 63

/* {"name": s, "at_us": n, "step": n?, "text": s?} */
int facts_take_event(struct run_facts *facts, const struct json_place *place,
		     struct ktstr_error *error)
{
	const size_t size = sizeof(facts->last_milestone);
	const char *name;
	int step, err = json_read_text(place, "name", NAME_MAX_BYTES, &name, error);

	if (err)
		return err;
	if (json_read_is_null(place, "step")) {
		snprintf(facts->last_milestone, size, "%s", name);
		return 0;
	}
	err = json_read_int(place, "step", 0, INT32_MAX, &step, error);
	if (!err)
		snprintf(facts->last_milestone, size, "%.40s %d", name, step);
	return err;
}

int facts_take_result(struct run_facts *facts, const struct json_place *place,
		      struct ktstr_error *error)
{
	if (facts->verdict)
		return ktstr_error_set(error, -EBADMSG, "a second result");
	return verdict_from_json(place->object, &facts->verdict, error);
}
