/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/template_store.h"

/* A store of templates in a folder of its own, for tests. */
struct template_fixture {
	char dir[32];
	struct template_store store;
	struct template_key keys[8]; /* of fixture_add() */
};

/* cmocka's setup and teardown: *state is a struct template_fixture. */
int template_setup(void **state);
int template_teardown(void **state);

/*
 * Put in a template number index whose memory occupies bytes and which was used last at time used.
 * Its key is fixture->keys[index].
 */
void fixture_add(struct template_fixture *fixture, unsigned index, size_t bytes, time_t used);

/*
 * As fixture_add(), a hot one: its key and what is known of it have this slot.
 */
void fixture_add_hot(struct template_fixture *fixture, unsigned index, size_t bytes, time_t used,
		     const char *slot);

/* Path of a file of template index, or of its folder when file is NULL. Overwritten by the next. */
const char *fixture_path(const struct template_fixture *fixture, unsigned index, const char *file);

/* Number of entries in the folder that begin with prefix. */
unsigned fixture_count(const struct template_fixture *fixture, const char *prefix);
