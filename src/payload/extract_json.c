// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers from JSON among what a program prints. The text is foreign: a document is found by
 * counting brackets, parsed by jansson, and walked to a bounded depth.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "payload/metrics.h"

/* A bracket that is never closed costs a look at the whole rest; this many bytes are looked at. */
#define SCAN_BYTES_MAX (64u << 20)

/* JSON's integers may exceed jansson's; as numbers of a benchmark they are all the same. */
#define PARSE_FLAGS (JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL)

/* Length of the text from an opening bracket to the one that closes it; 0: none does. */
static size_t balanced_length(const char *text, size_t size)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t at = 0; at < size; at++) {
		char c = text[at];

		if (in_string) {
			if (c == '\\')
				at++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && --depth == 0) {
			return at + 1;
		}
	}
	return 0;
}

/* The first region in balanced brackets. */
static bool find_region(const char *text, size_t size, const char **ret_region, size_t *ret_length)
{
	size_t budget = SCAN_BYTES_MAX;

	for (size_t at = 0; at < size && budget >= size - at; at++) {
		size_t length;

		if (text[at] != '{' && text[at] != '[')
			continue;
		length = balanced_length(text + at, size - at);
		if (length) {
			*ret_region = text + at;
			*ret_length = length;
			return true;
		}
		budget -= size - at;
	}
	return false;
}

/* NULL: there is none. */
static json_t *find_document(const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, PARSE_FLAGS | JSON_DECODE_ANY, NULL);
	const char *region;
	size_t length;

	if (json || !find_region(text, size, &region, &length))
		return json;
	return json_loadb(region, length, PARSE_FLAGS, NULL);
}

struct walk {
	const struct ktstr_output *output;
	enum ktstr_stream stream;
	struct metric_list *list;
	char path[METRIC_NAME_MAX];
	unsigned cut_depth; /* of what was left out; 0: nothing */
};

static int take_number(struct walk *walk, double value)
{
	if (!isfinite(value))
		return 0;
	if (!walk->output->count)
		return metric_list_add(walk->list, walk->path, value, walk->stream);
	for (size_t i = 0; i < walk->output->count; i++) {
		const struct ktstr_output_metric *metric = &walk->output->metrics[i];
		int err = 0;

		if (!strcmp(metric->from, walk->path))
			err = metric_list_add(walk->list, metric->name, value, walk->stream);
		if (err)
			return err;
	}
	return 0;
}

/* Put segment behind the path, which was used bytes long. False: it does not fit. */
static bool enter(struct walk *walk, size_t used, const char *segment, size_t *ret_used)
{
	int length = snprintf(walk->path + used, sizeof(walk->path) - used, "%s%s", used ? "." : "",
			      segment);

	*ret_used = used + (size_t)length;
	return *ret_used < sizeof(walk->path);
}

static int walk_value(struct walk *walk, const json_t *value, size_t used, unsigned depth);

static int walk_child(struct walk *walk, const char *segment, const json_t *value, size_t used,
		      unsigned depth)
{
	size_t inside;
	int err = 0;

	if (enter(walk, used, segment, &inside))
		err = walk_value(walk, value, inside, depth + 1);
	else
		walk->list->dropped++;
	walk->path[used] = '\0';
	return err;
}

static int walk_value(struct walk *walk, const json_t *value, size_t used, unsigned depth)
{
	const json_t *child;
	const char *key;
	size_t index;
	int err = 0;

	if (depth > JSON_WALK_DEPTH_MAX) {
		walk->cut_depth = depth;
		return 0;
	}
	if (json_is_number(value))
		return take_number(walk, json_number_value(value));
	/* The macro wants an object that it may change, and does not. */
	json_object_foreach((json_t *)(uintptr_t)value, key, child)
	{
		err = walk_child(walk, key, child, used, depth);
		if (err)
			return err;
	}
	json_array_foreach(value, index, child)
	{
		char segment[24];

		snprintf(segment, sizeof(segment), "%zu", index);
		err = walk_child(walk, segment, child, used, depth);
		if (err)
			return err;
	}
	return 0;
}

int extract_json(const char *text, size_t size, const struct ktstr_output *output,
		 enum ktstr_stream stream, struct metric_list *list)
{
	json_auto_t *json = find_document(text, size);
	struct walk walk = { .output = output, .stream = stream, .list = list };
	int err = json ? walk_value(&walk, json, 0, 0) : 0;

	if (!err && walk.cut_depth && !output->count)
		err = metric_list_add(list, JSON_WALK_TRUNCATED, walk.cut_depth, stream);
	return err;
}
