/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* What `ktstr doctor` looks at: one row a thing, each looked at by itself. */
enum health {
	HEALTH_OK,
	HEALTH_WARN, /* tests run, but something is missing or slow */
	HEALTH_BAD,  /* tests cannot run */
};

#define DOCTOR_TEXT_MAX 512

struct doctor_probe {
	const char *name;
	/* Look, and say in text what there is or, when it is not well, what to do. */
	enum health (*look)(char text[DOCTOR_TEXT_MAX]);
};

/* Ends with a row whose name is NULL. */
extern const struct doctor_probe doctor_probes[];
