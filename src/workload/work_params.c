// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of work by their rows: defaults, deep copies, and values from the command line. */
#include "workload/work_params.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ktstr/work.h>

#include "base/nearest.h"

/* How every list of a parameter struct begins. */
struct list {
	const void *items;
	size_t count;
};

static void *field_of(const struct work_param *row, void *params)
{
	return (char *)params + row->offset;
}

static bool resolve_number(const struct work_param *row, void *params)
{
	unsigned *number = field_of(row, params);

	if (*number == 0)
		*number = row->value;
	else if (*number == KTSTR_ZERO)
		*number = 0;
	return true;
}

static bool copy_text(const struct work_param *row, void *params)
{
	const char **text = field_of(row, params);

	if (*text)
		*text = strdup(*text);
	return *text != NULL;
}

static bool copy_list(const struct work_param *row, void *params)
{
	struct list *list = field_of(row, params);
	void *items;

	if (!list->count) {
		list->items = NULL;
		return true;
	}
	items = calloc(list->count, row->item_bytes);
	if (items)
		memcpy(items, list->items, list->count * row->item_bytes);
	else
		list->count = 0;
	list->items = items;
	return items != NULL;
}

static bool resolve(const struct work_param *row, void *params)
{
	switch (row->kind) {
	case WORK_PARAM_NUMBER:
		return resolve_number(row, params);
	case WORK_PARAM_TEXT:
		return !*(const char **)field_of(row, params) || copy_text(row, params);
	case WORK_PARAM_LIST:
		return copy_list(row, params);
	case WORK_PARAM_SWITCH:
	case WORK_PARAM_WORD:
		break;
	}
	return true;
}

void *work_params_resolve(const struct work_param *rows, size_t size, const void *given)
{
	void *params = calloc(1, size ? size : 1);
	bool complete = true;

	if (!params)
		return NULL;
	if (given)
		memcpy(params, given, size);
	/* To the end also when memory runs out: what work_params_free() frees must be ours. */
	for (const struct work_param *row = rows; row && row->name; row++)
		complete = resolve(row, params) && complete;
	if (complete)
		return params;
	work_params_free(rows, params);
	return NULL;
}

void work_params_free(const struct work_param *rows, void *params)
{
	if (!params)
		return;
	for (const struct work_param *row = rows; row && row->name; row++) {
		if (row->kind == WORK_PARAM_TEXT)
			free(*(char **)field_of(row, params));
		else if (row->kind == WORK_PARAM_LIST)
			free((void *)(uintptr_t)((struct list *)field_of(row, params))->items);
	}
	free(params);
}

static const struct work_param *find_row(const struct work_param *rows, const char *name,
					 struct ktstr_error *error)
{
	struct nearest nearest = NEAREST(name);
	const char *near;

	for (const struct work_param *row = rows; row && row->name; row++) {
		if (!strcmp(row->name, name))
			return row;
		nearest_offer(&nearest, row->name);
	}
	near = nearest_best(&nearest);
	if (!rows || !rows->name)
		ktstr_error_set(error, -EINVAL, "parameter '%s': there are none to set", name);
	else
		ktstr_error_set(error, -EINVAL, "parameter '%s': no such parameter%s%s%s", name,
				near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
	return NULL;
}

static int set_number(const struct work_param *row, void *params, const char *text,
		      struct ktstr_error *error)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value >= KTSTR_ZERO)
		return ktstr_error_set(error, -EINVAL,
				       "parameter '%s': '%s' is not a number from 0 to %u",
				       row->name, text, KTSTR_ZERO - 1);
	*(unsigned *)field_of(row, params) = value ? (unsigned)value : KTSTR_ZERO;
	return 0;
}

static int set_switch(const struct work_param *row, void *params, const char *text,
		      struct ktstr_error *error)
{
	bool yes = !strcmp(text, "yes");

	if (!yes && strcmp(text, "no") != 0)
		return ktstr_error_set(error, -EINVAL, "parameter '%s': '%s' is neither yes nor no",
				       row->name, text);
	*(bool *)field_of(row, params) = yes;
	return 0;
}

static int set_word(const struct work_param *row, void *params, const char *text,
		    struct ktstr_error *error)
{
	char words[256] = "";
	size_t length = 0;

	for (int i = 0; row->words[i]; i++) {
		int added;

		if (!strcmp(row->words[i], text)) {
			*(int *)field_of(row, params) = i;
			return 0;
		}
		added = snprintf(words + length, sizeof(words) - length, "%s%s", i ? ", " : "",
				 row->words[i]);
		if (added > 0 && (size_t)added < sizeof(words) - length)
			length += (size_t)added;
	}
	return ktstr_error_set(error, -EINVAL, "parameter '%s': '%s' is none of %s", row->name,
			       text, words);
}

int work_params_set(const struct work_param *rows, void *params, const char *name, const char *text,
		    struct ktstr_error *error)
{
	const struct work_param *row = find_row(rows, name, error);

	if (!row)
		return -EINVAL;
	switch (row->kind) {
	case WORK_PARAM_NUMBER:
		return set_number(row, params, text, error);
	case WORK_PARAM_SWITCH:
		return set_switch(row, params, text, error);
	case WORK_PARAM_WORD:
		return set_word(row, params, text, error);
	case WORK_PARAM_TEXT:
		*(const char **)field_of(row, params) = text;
		return 0;
	case WORK_PARAM_LIST:
		break;
	}
	return ktstr_error_set(error, -EINVAL,
			       "parameter '%s': a list cannot be set from the command line", name);
}
