// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills in the sections of ktstr_work_types(7): copies a page from standard input and puts one for
 * each kind of work, from its row, in the place of the line @KINDS@.
 */
#include <stdio.h>
#include <string.h>

#include "workload/work.h"

#define PLACE "@KINDS@\n"

static void print_value(const struct work_param *row)
{
	switch (row->kind) {
	case WORK_PARAM_NUMBER:
		printf("%u", row->value);
		break;
	case WORK_PARAM_SWITCH:
		printf("no");
		break;
	case WORK_PARAM_WORD:
		printf("%s", row->words[0]);
		break;
	case WORK_PARAM_TEXT:
	case WORK_PARAM_LIST:
		printf("none");
		break;
	}
}

/* scdoc takes underscores for emphasis. */
static void print_escaped(const char *text)
{
	for (; *text; text++)
		printf(strchr("_*\\", *text) ? "\\%c" : "%c", *text);
}

static void print_param(const struct work_param *row)
{
	putchar('_');
	print_escaped(row->name);
	printf("_ (default: ");
	print_value(row);
	printf(")\n\t");
	print_escaped(row->summary);
	for (unsigned i = 0; row->words && row->words[i]; i++) {
		fputs(i ? ", " : ": ", stdout);
		print_escaped(row->words[i]);
	}
	if (row->item_form) {
		fputs(". On the command line: ", stdout);
		print_escaped(row->item_form);
		fputs(",...", stdout);
	}
	fputs("\n\n", stdout);
}

static void print_cohort(const struct ktstr_work_ops *ops)
{
	unsigned size = ktstr_work_group_size(&(struct ktstr_work){ .ops = ops });

	if (!ops->group_size)
		return;
	printf("Workers come in cohorts%s: %u at the defaults.\n\n",
	       ops->params ? " whose size the parameters may change" : "", size);
}

static void print_refusal(const char *where, const char *why)
{
	if (!why)
		return;
	printf("Not %s: ", where);
	print_escaped(why);
	fputs(".\n\n", stdout);
}

static void print_kind(const struct ktstr_work_ops *ops, const char *c_name)
{
	printf("## %s\n\n%s: ", ops->name, ops->name);
	print_escaped(ops->summary);
	printf(".\n\nIn C: *KTSTR_WORK*(");
	print_escaped(c_name);
	printf("%s)\n\n", ops->params ? ", ..." : "");
	for (const struct work_param *row = ops->params; row && row->name; row++)
		print_param(row);
	print_cohort(ops);
	print_refusal("as processes", ops->not_as_process);
	print_refusal("as threads", ops->not_as_thread);
	print_refusal("in a pcomm container", ops->not_in_container);
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, PLACE) != 0) {
			fputs(line, stdout);
			continue;
		}
#define X(kind, name) print_kind(&ktstr_work_##kind, #kind);
		KTSTR_WORK_TYPES(X)
#undef X
	}
	return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
