// SPDX-License-Identifier: GPL-2.0-only
/* ktstr doctor: what works on this machine, and what to do about what does not. */
#include "cli/command.h"
#include "cli/doctor_probes.h"

static const struct option_row rows[] = { OPTION_END };

static const struct option_set doctor_options = {
	.command = "ktstr doctor",
	.synopsis = "",
	.summary = "Says what works on this machine and what to do about what does not.",
	.details = "Exit status: 0 when tests can run, 1 when something they need is missing.",
	.rows = rows,
};

const struct option_set *const cli_doctor_options[] = { &doctor_options, NULL };

int cli_doctor(int argc, char **argv)
{
	static const char *const words[] = {
		[HEALTH_OK] = "ok", [HEALTH_WARN] = "warn", [HEALTH_BAD] = "FAIL"
	};
	unsigned args;
	int status = cli_parse(&doctor_options, argc, argv, NULL, &args);

	if (status != CLI_GO_ON)
		return status;
	status = CLI_OK;
	for (const struct doctor_probe *probe = doctor_probes; probe->name; probe++) {
		char text[DOCTOR_TEXT_MAX] = "";
		enum health health = probe->look(text);

		printf("%-5s %-14s %s\n", words[health], probe->name, text);
		fflush(stdout);
		if (health == HEALTH_BAD)
			status = CLI_FAILED;
	}
	return status;
}
