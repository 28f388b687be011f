// SPDX-License-Identifier: GPL-2.0-only
/* Results on stdout. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "runner/excerpt.h"
#include "runner/ktap.h"
#include "runner/yaml.h"

#define INDENT "  "
#define LOG_LINES 40 /* of the logs of scheduler and test; the result file has more */
#define BAIL_OUT_NAMES 8

void ktap_plan(size_t count, FILE *out)
{
	fprintf(out, "TAP version 13\n1..%zu\n", count);
	fflush(out);
}

/* A TAP line ends at the newline, and its directive at the next '#'. */
static void print_reason(const char *text, FILE *out)
{
	for (const char *at = text; *at; at++)
		fputc((unsigned char)*at < 0x20 || *at == '#' || *at == 0x7f ? ' ' : *at, out);
}

static void print_line(size_t number, const struct test_record *record, FILE *out)
{
	const struct outcome *outcome = &record->outcome;
	const char *directive = outcome->expected_failure ? "XFAIL"
							  : outcome_directive(outcome->kind);
	bool ok = outcome->kind == OUTCOME_PASS || outcome->kind == OUTCOME_SKIP;

	fprintf(out, "%s %zu - %s", ok ? "ok" : "not ok", number, record->plan->test->name);
	if (directive) {
		fprintf(out, " # %s ", directive);
		print_reason(outcome->text, out);
	}
	fputc('\n', out);
}

/* What a judged check says, with the place it belongs to behind its first line. */
static void print_entry(const struct verdict_entry *entry, FILE *out)
{
	auto_free char *place = NULL, *text = NULL;
	const char *phase = entry->phase.label, *cgroup = entry->cgroup;
	size_t first = strcspn(entry->message, "\n");
	int length = 0;

	if (cgroup)
		length = asprintf(&place, " (cgroup '%s'%s%s)", cgroup, *phase ? ", " : "", phase);
	else if (*phase)
		length = asprintf(&place, " (%s)", phase);
	if (length < 0)
		place = NULL;
	if (asprintf(&text, "%.*s%s%s", (int)first, entry->message, place ? place : "",
		     entry->message + first) < 0)
		text = NULL;
	yaml_item(INDENT "  ", text ? text : entry->message, out);
}

static void print_entries(const struct verdict *verdict, enum verdict_outcome outcome,
			  const char *key, FILE *out)
{
	const struct verdict_entry *entries;
	size_t count = verdict_entries(verdict, &entries);
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (entries[i].outcome != outcome || !*entries[i].message)
			continue;
		if (!any)
			fprintf(out, INDENT "%s:\n", key);
		any = true;
		print_entry(&entries[i], out);
	}
}

static void print_notes(const struct verdict *verdict, FILE *out)
{
	char *const *notes;
	size_t count = verdict_notes(verdict, &notes);

	if (count)
		fprintf(out, INDENT "notes:\n");
	for (size_t i = 0; i < count; i++)
		yaml_item(INDENT "  ", notes[i], out);
}

static void print_stats(const struct scenario_stats *stats, FILE *out)
{
	if (!stats->cgroups_count)
		return;
	fprintf(out, INDENT "stats: |\n");
	scenario_stats_print(stats, INDENT "  ", out);
}

static void print_verdict(const struct verdict *verdict, FILE *out)
{
	if (!verdict)
		return;
	print_entries(verdict, VERDICT_FAIL, "failures", out);
	print_entries(verdict, VERDICT_INCONCLUSIVE, "inconclusive", out);
	print_entries(verdict, VERDICT_SKIP, "skips", out);
	print_notes(verdict, out);
	print_stats(verdict_stats(verdict), out);
}

static void print_scheduler_exit(const struct scheduler_exit *exit, FILE *out)
{
	if (!exit->seen)
		return;
	fprintf(out, INDENT "scheduler_exit:\n");
	if (exit->kind)
		yaml_text(INDENT "  ", "kind", exit->kind, out);
	if (exit->reason)
		yaml_text(INDENT "  ", "reason", exit->reason, out);
	if (exit->trace)
		yaml_block(INDENT "  ", "trace", exit->trace, out);
}

static void print_phases(const struct run_facts *facts, FILE *out)
{
	char buffer[DURATION_TEXT_MAX];

	if (facts->phases_count)
		fprintf(out, INDENT "phases:\n");
	for (size_t i = 0; i < facts->phases_count; i++)
		fprintf(out, INDENT "  %s: %s\n", facts->phases[i].name,
			duration_format(facts->phases[i].duration_ns, buffer));
	fprintf(out, INDENT "duration: %s\n", duration_format(facts->duration_ns, buffer));
}

/* The kernel's log explains a run that went wrong; one that was judged needs it only on request. */
static void print_console(const struct run_facts *facts, bool verbose, FILE *out)
{
	if (facts->trouble != CONSOLE_NONE)
		yaml_text(INDENT, "kernel_trouble", facts->trouble_line, out);
	if (facts->console && (verbose || !facts->verdict || facts->scheduler_exit.seen ||
			       facts->trouble != CONSOLE_NONE))
		yaml_block(INDENT, "console", console_excerpt(facts->console), out);
}

/* FILE:LINE, as editors open it. */
static void print_place(const struct binary_test *test, FILE *out)
{
	auto_free char *place = NULL;

	if (asprintf(&place, "%s:%d", test->file, test->line) < 0) {
		place = NULL;
		return;
	}
	yaml_text(INDENT, "declared_at", place, out);
}

/* Of a text that the verdict has in full, further down, its first line. */
static void print_message(const struct test_record *record, FILE *out)
{
	const struct outcome *outcome = &record->outcome;
	char line[sizeof(outcome->text)];

	snprintf(line, sizeof(line), "%s", outcome->text);
	if (record->facts->verdict)
		line[strcspn(line, "\n")] = '\0';
	if (line[0])
		yaml_text(INDENT, "message", line, out);
}

static void print_block(const struct test_record *record, bool verbose, FILE *out)
{
	const struct run_facts *facts = record->facts;
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	fprintf(out, INDENT "---\n");
	fprintf(out, INDENT "outcome: %s\n", outcome_str(record->outcome.kind));
	print_message(record, out);
	fprintf(out, INDENT "topology: %s\n",
		ktstr_topology_format(&record->plan->topology, topology));
	yaml_text(INDENT, "scheduler", test_plan_scheduler(record->plan), out);
	if (record->plan->work)
		yaml_text(INDENT, "work", record->plan->work, out);
	if (facts->kernel[0])
		yaml_text(INDENT, "kernel", facts->kernel, out);
	if (record->accel)
		fprintf(out, INDENT "accel: %s\n", record->accel);
	if (record->repeated)
		yaml_text(INDENT, "repeated", record->repeated, out);
	print_verdict(facts->verdict, out);
	print_scheduler_exit(&facts->scheduler_exit, out);
	print_phases(facts, out);
	if (facts->last_milestone[0])
		yaml_text(INDENT, "last_milestone", facts->last_milestone, out);
	yaml_block(INDENT, "processes", tail_text(&facts->processes), out);
	yaml_block(INDENT, "scheduler_log",
		   text_last_lines(tail_text(&facts->scheduler_log), LOG_LINES), out);
	yaml_block(INDENT, "test_log", text_last_lines(tail_text(&facts->test_log), LOG_LINES),
		   out);
	print_console(facts, verbose, out);
	print_place(record->plan->test, out);
	if (record->rerun)
		yaml_text(INDENT, "rerun", record->rerun, out);
	fprintf(out, INDENT "...\n");
}

/* All there is to say about a test that passed, but not at once. */
static void print_note(const char *repeated, FILE *out)
{
	fprintf(out, INDENT "---\n");
	yaml_text(INDENT, "repeated", repeated, out);
	fprintf(out, INDENT "...\n");
}

void ktap_result(size_t number, const struct test_record *record, bool verbose, FILE *out)
{
	bool quiet = record->outcome.kind == OUTCOME_PASS || record->outcome.kind == OUTCOME_SKIP;

	print_line(number, record, out);
	if (verbose || !quiet)
		print_block(record, verbose, out);
	else if (record->repeated)
		print_note(record->repeated, out);
	fflush(out);
}

void ktap_bail_out(const char *reason, size_t done, size_t count, const char *const *names,
		   size_t names_count, FILE *out)
{
	fprintf(out, "Bail out! ");
	print_reason(reason, out);
	fprintf(out, " after %zu of %zu tests", done, count);
	for (size_t i = 0; i < names_count && i < BAIL_OUT_NAMES; i++)
		fprintf(out, "%s '%s'", i ? "," : ", in", names[i]);
	if (names_count > BAIL_OUT_NAMES)
		fprintf(out, " and %zu more", names_count - BAIL_OUT_NAMES);
	fputc('\n', out);
	fflush(out);
}

void ktap_count(struct ktap_totals *totals, const struct outcome *outcome)
{
	if (outcome->kind == OUTCOME_PASS)
		totals->passed++;
	else if (outcome->kind == OUTCOME_SKIP)
		totals->skipped++;
	else if (outcome_status(outcome->kind) == 2)
		totals->broken++;
	else
		totals->failed++;
}

void ktap_summary(const struct ktap_totals *totals, const char *results_dir, FILE *out)
{
	fprintf(out, "# %zu passed, %zu failed, %zu skipped, %zu could not run\n", totals->passed,
		totals->failed, totals->skipped, totals->broken);
	if (results_dir)
		fprintf(out, "# results: %s\n", results_dir);
	fflush(out);
}
