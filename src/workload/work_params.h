/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>

/*
 * What a kind of work can be told, as rows: defaults, `--param name=value`, help and manual pages
 * all come from here. In the struct a field left 0 takes its default; KTSTR_ZERO means the number
 * 0.
 */
enum work_param_kind {
	WORK_PARAM_NUMBER, /* unsigned */
	WORK_PARAM_SWITCH, /* bool; the default is false */
	WORK_PARAM_WORD,   /* an enum whose values number words[]; the default is 0 */
	WORK_PARAM_TEXT,   /* const char *; the default is NULL */
	WORK_PARAM_LIST,   /* struct { const T *items; size_t count; }; the default is empty */
};

struct work_param {
	const char *name; /* NULL ends the table */
	enum work_param_kind kind;
	size_t offset;
	unsigned value;		  /* NUMBER: the default */
	const char *const *words; /* WORD: ends with NULL */
	size_t item_bytes;	  /* LIST */
	/* LIST: one item from text, and what such a text looks like. */
	int (*read_item)(const char *text, void *ret_item, struct ktstr_error *error);
	const char *item_form;
	const char *summary; /* with the unit */
};

#define WORK_NUMBER(type, field, default_, summary_)                                               \
	{                                                                                          \
		.name = #field, .kind = WORK_PARAM_NUMBER, .offset = offsetof(type, field),        \
		.value = (default_), .summary = (summary_)                                         \
	}
#define WORK_SWITCH(type, field, summary_)                                                         \
	{                                                                                          \
		.name = #field, .kind = WORK_PARAM_SWITCH, .offset = offsetof(type, field),        \
		.summary = (summary_)                                                              \
	}
#define WORK_WORD(type, field, words_, summary_)                                                   \
	{                                                                                          \
		.name = #field, .kind = WORK_PARAM_WORD, .offset = offsetof(type, field),          \
		.words = (words_), .summary = (summary_)                                           \
	}
#define WORK_TEXT(type, field, summary_)                                                           \
	{                                                                                          \
		.name = #field, .kind = WORK_PARAM_TEXT, .offset = offsetof(type, field),          \
		.summary = (summary_)                                                              \
	}
#define WORK_LIST(type, field, read_item_, item_form_, summary_)                                   \
	{                                                                                          \
		.name = #field, .kind = WORK_PARAM_LIST, .offset = offsetof(type, field),          \
		.item_bytes = sizeof(*((type *)0)->field.items), .read_item = (read_item_),        \
		.item_form = (item_form_), .summary = (summary_)                                   \
	}

/*
 * Copy given (NULL: nothing is given) and put defaults where it says nothing. Texts and lists are
 * copied too, so the result outlives given; work_params_free() frees all of it. NULL: no memory.
 */
void *work_params_resolve(const struct work_param *rows, size_t size, const void *given);
void work_params_free(const struct work_param *rows, void *params); /* NULL-safe */

/*
 * Set one parameter of the struct params from text, as in `--param burst_ms=10`: numbers in
 * decimal, yes or no, one of the words, items with commas between them. A text is borrowed; a list
 * is params' own until work_params_unset(). -EINVAL says what there is to choose from; -ENOMEM.
 */
int work_params_set(const struct work_param *rows, void *params, const char *name, const char *text,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Free the lists that have been set in params, which holds no other ones. */
void work_params_unset(const struct work_param *rows, void *params);

/* A number below KTSTR_ZERO, for lists of them. -EINVAL. */
int work_params_read_number(const char *text, void *ret_unsigned,
			    struct ktstr_error *error) KTSTR_MUST_CHECK;
