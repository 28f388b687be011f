// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of work by their rows: defaults, deep copies, and values from the command line. */
#include "workload/work_params.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ktstr/work.h>

#include "base/cleanup.h"
#include "base/nearest.h"

#define CHOICE_BYTES 256 /* of an error, for what there is to choose from */

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

/* All names of the table, or all words: "a, b, c". */
static const char *join(char *text, size_t size, const char *const *words,
			const struct work_param *rows)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; words ? words[i] != NULL : rows[i].name != NULL; i++) {
		int added = snprintf(text + length, size - length, "%s%s", i ? ", " : "",
				     words ? words[i] : rows[i].name);

		if (added < 0 || (size_t)added >= size - length)
			break;
		length += (size_t)added;
	}
	return text;
}

static const struct work_param *find_row(const struct work_param *rows, const char *name,
					 struct ktstr_error *error)
{
	struct nearest nearest = NEAREST(name);
	char names[CHOICE_BYTES];
	const char *near;

	for (const struct work_param *row = rows; row && row->name; row++) {
		if (!strcmp(row->name, name))
			return row;
		nearest_offer(&nearest, row->name);
	}
	near = nearest_best(&nearest);
	if (!rows || !rows->name)
		ktstr_error_set(error, -EINVAL, "parameter '%s': there are none to set", name);
	else if (near)
		ktstr_error_set(error, -EINVAL,
				"parameter '%s': no such parameter, did you mean '%s'?", name,
				near);
	else
		ktstr_error_set(error, -EINVAL, "parameter '%s': is none of %s", name,
				join(names, sizeof(names), NULL, rows));
	return NULL;
}

int work_params_read_number(const char *text, void *ret_unsigned, struct ktstr_error *error)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || !isdigit((unsigned char)*text) || value >= KTSTR_ZERO)
		return ktstr_error_set(error, -EINVAL, "'%s' is not a number from 0 to %u", text,
				       KTSTR_ZERO - 1);
	*(unsigned *)ret_unsigned = (unsigned)value;
	return 0;
}

static int set_number(const struct work_param *row, void *params, const char *text,
		      struct ktstr_error *error)
{
	unsigned value;
	int err = work_params_read_number(text, &value, error);

	if (err)
		return ktstr_error_wrap(error, err, "parameter '%s'", row->name);
	*(unsigned *)field_of(row, params) = value ? value : KTSTR_ZERO;
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
	struct nearest nearest = NEAREST(text);
	char words[CHOICE_BYTES];
	const char *near;

	for (int i = 0; row->words[i]; i++) {
		if (!strcmp(row->words[i], text)) {
			*(int *)field_of(row, params) = i;
			return 0;
		}
		nearest_offer(&nearest, row->words[i]);
	}
	near = nearest_best(&nearest);
	return ktstr_error_set(error, -EINVAL, "parameter '%s': '%s' is none of %s%s%s", row->name,
			       text, join(words, sizeof(words), row->words, NULL),
			       near ? "; nearest is " : "", near ? near : "");
}

/* Items with commas between them; a list that is there goes. */
static int set_list(const struct work_param *row, void *params, const char *text,
		    struct ktstr_error *error)
{
	struct list *list = field_of(row, params);
	auto_free char *copy = strdup(text);
	auto_free char *items = calloc(strlen(text) + 1, row->item_bytes);
	char *rest = copy;
	size_t count = 0;

	if (!copy || !items)
		return ktstr_error_set(error, -ENOMEM, "no memory for a parameter");
	for (char *item; (item = strsep(&rest, ",")); count++) {
		int err = row->read_item(item, items + count * row->item_bytes, error);

		if (err)
			return ktstr_error_wrap(error, err, "parameter '%s' (%s,...)", row->name,
						row->item_form);
	}
	free((void *)(uintptr_t)list->items);
	*list = (struct list){ .items = take_pointer(items), .count = count };
	return 0;
}

void work_params_unset(const struct work_param *rows, void *params)
{
	for (const struct work_param *row = rows; row && row->name; row++) {
		struct list *list = field_of(row, params);

		if (row->kind != WORK_PARAM_LIST)
			continue;
		free((void *)(uintptr_t)list->items);
		*list = (struct list){ 0 };
	}
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
		return set_list(row, params, text, error);
	}
	return ktstr_error_set(error, -EINVAL, "parameter '%s': of an unknown kind", name);
}
