// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict: what was judged, noted and measured, in order. Knows nothing of how anything is
 * judged (judge.c) or written down (verdict_json.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/payload_record.h"
#include "check/text.h"
#include "check/verdict.h"
#include "check/verdict_build.h"

/* Stands in for what could not be kept; its text needs no memory when memory is gone. */
struct losses {
	size_t count;
	size_t slot; /* index in the list, when count is not 0 */
	char text[96];
};

/*
 * Both lists always have room for one element more than they hold, so that the first loss can be
 * said; from then on the element is there and only its text changes.
 */
struct verdict {
	struct verdict_entry *entries;
	size_t entries_count, entries_capacity;
	struct losses entries_lost;
	char **notes;
	size_t notes_count, notes_capacity;
	struct losses notes_lost;
	struct scenario_stats stats;
	size_t cgroups_capacity;
	struct verdict_phase phase;
	json_t *payloads; /* NULL: none yet */
	size_t payloads_bytes;
};

/* Room for needed elements: the array, moved perhaps, or NULL with the old one untouched. */
static void *grow(void *array, size_t *capacity, size_t needed, size_t element_size)
{
	size_t wanted = *capacity ? *capacity : 4;
	void *grown;

	if (needed <= *capacity)
		return array;
	while (wanted < needed)
		wanted *= 2;
	grown = realloc(array, wanted * element_size);
	if (grown)
		*capacity = wanted;
	return grown;
}

static bool reserve_entries(struct verdict *verdict, size_t more)
{
	struct verdict_entry *grown = grow(verdict->entries, &verdict->entries_capacity,
					   verdict->entries_count + more, sizeof(*grown));

	if (grown)
		verdict->entries = grown;
	return grown;
}

static bool reserve_notes(struct verdict *verdict, size_t more)
{
	char **grown = grow(verdict->notes, &verdict->notes_capacity, verdict->notes_count + more,
			    sizeof(*grown));

	if (grown)
		verdict->notes = grown;
	return grown;
}

static bool reserve_cgroups(struct verdict *verdict, size_t more)
{
	struct cgroup_stats *grown = grow(verdict->stats.cgroups, &verdict->cgroups_capacity,
					  verdict->stats.cgroups_count + more, sizeof(*grown));

	if (grown)
		verdict->stats.cgroups = grown;
	return grown;
}

/* Elements to leave free: none once the loss has taken its place. */
static size_t set_aside(const struct losses *losses)
{
	return losses->count ? 0 : 1;
}

struct verdict *verdict_new(void)
{
	struct verdict *verdict = calloc(1, sizeof(*verdict));

	if (!verdict)
		return NULL;
	if (!reserve_entries(verdict, 1) || !reserve_notes(verdict, 1)) {
		verdict_free(verdict);
		return NULL;
	}
	return verdict;
}

void verdict_free(struct verdict *verdict)
{
	if (!verdict)
		return;
	for (size_t i = 0; i < verdict->entries_count; i++) {
		if (verdict->entries[i].message != verdict->entries_lost.text)
			free(verdict->entries[i].message);
		free(verdict->entries[i].cgroup);
	}
	for (size_t i = 0; i < verdict->notes_count; i++)
		if (verdict->notes[i] != verdict->notes_lost.text)
			free(verdict->notes[i]);
	for (size_t i = 0; i < verdict->stats.cgroups_count; i++)
		free(verdict->stats.cgroups[i].name);
	free(verdict->entries);
	free(verdict->notes);
	free(verdict->stats.cgroups);
	json_decref(verdict->payloads);
	free(verdict);
}

void verdict_lose(struct verdict *verdict, enum verdict_outcome outcome)
{
	struct losses *losses = &verdict->entries_lost;
	struct verdict_entry *entry;

	if (!losses->count++) {
		losses->slot = verdict->entries_count++;
		verdict->entries[losses->slot] = (struct verdict_entry){
			.outcome = VERDICT_INCONCLUSIVE,
			.kind = DETAIL_OTHER,
			.message = losses->text,
			.phase = verdict->phase,
		};
	}
	entry = &verdict->entries[losses->slot];
	if (outcome > entry->outcome)
		entry->outcome = outcome;
	snprintf(losses->text, sizeof(losses->text),
		 "%zu outcomes or statistics lost: out of memory, or more than %d of them",
		 losses->count, VERDICT_ENTRIES_MAX);
}

/* Notes change nothing, not even when they are lost. */
static void lose_note(struct verdict *verdict)
{
	struct losses *losses = &verdict->notes_lost;

	if (!losses->count++) {
		losses->slot = verdict->notes_count++;
		verdict->notes[losses->slot] = losses->text;
	}
	snprintf(losses->text, sizeof(losses->text),
		 "%zu notes lost: out of memory, or more than %d of them", losses->count,
		 VERDICT_NOTES_MAX);
}

int verdict_take_entry(struct verdict *verdict, struct verdict_entry *entry)
{
	if (!entry->message || !reserve_entries(verdict, 1 + set_aside(&verdict->entries_lost))) {
		free(entry->message);
		free(entry->cgroup);
		return -ENOMEM;
	}
	verdict->entries[verdict->entries_count++] = *entry;
	return 0;
}

int verdict_take_note(struct verdict *verdict, char *note)
{
	if (!note || !reserve_notes(verdict, 1 + set_aside(&verdict->notes_lost))) {
		free(note);
		return -ENOMEM;
	}
	verdict->notes[verdict->notes_count++] = note;
	return 0;
}

int verdict_take_cgroup(struct verdict *verdict, struct cgroup_stats *stats)
{
	if (!stats->name || !reserve_cgroups(verdict, 1)) {
		free(stats->name);
		return -ENOMEM;
	}
	verdict->stats.cgroups[verdict->stats.cgroups_count++] = *stats;
	return 0;
}

static bool entries_full(const struct verdict *verdict)
{
	return verdict->entries_count + set_aside(&verdict->entries_lost) >= VERDICT_ENTRIES_MAX;
}

static bool notes_full(const struct verdict *verdict)
{
	return verdict->notes_count + set_aside(&verdict->notes_lost) >= VERDICT_NOTES_MAX;
}

/* A copy of text, "" for none: what has no text is not what ran out of memory. */
static char *copy_text(const char *text)
{
	return text_new("%s", text ? text : "");
}

/* cgroup NULL: none. */
static void add(struct verdict *verdict, const char *cgroup, struct verdict_entry entry)
{
	if (cgroup) {
		entry.cgroup = copy_text(cgroup);
		/* Without its cgroup the entry would mean something else. */
		if (!entry.cgroup) {
			free(entry.message);
			entry.message = NULL;
		}
	}
	if (verdict_take_entry(verdict, &entry))
		verdict_lose(verdict, entry.outcome);
}

__attribute__((format(printf, 5, 0))) static void add_formatted(struct verdict *verdict,
								const char *cgroup,
								enum verdict_outcome outcome,
								enum detail_kind kind,
								const char *format, va_list args)
{
	if (entries_full(verdict)) {
		verdict_lose(verdict, outcome);
		return;
	}
	add(verdict, cgroup,
	    (struct verdict_entry){
		    .outcome = outcome,
		    .kind = kind,
		    .message = text_vnew(format, args),
		    .phase = verdict->phase,
	    });
}

void verdict_vadd(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		  const char *format, va_list args)
{
	add_formatted(verdict, NULL, outcome, kind, format, args);
}

void verdict_add(struct verdict *verdict, enum verdict_outcome outcome, enum detail_kind kind,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_formatted(verdict, NULL, outcome, kind, format, args);
	va_end(args);
}

void verdict_add_to_cgroup(struct verdict *verdict, const char *cgroup,
			   enum verdict_outcome outcome, enum detail_kind kind, const char *format,
			   ...)
{
	va_list args;

	va_start(args, format);
	add_formatted(verdict, cgroup, outcome, kind, format, args);
	va_end(args);
}

void verdict_vnote(struct verdict *verdict, const char *format, va_list args)
{
	if (notes_full(verdict) || verdict_take_note(verdict, text_vnew(format, args)))
		lose_note(verdict);
}

void verdict_note(struct verdict *verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict_vnote(verdict, format, args);
	va_end(args);
}

void verdict_keep_cgroup(struct verdict *verdict, struct cgroup_stats *stats)
{
	if (verdict->stats.cgroups_count >= VERDICT_CGROUPS_MAX) {
		free(stats->name);
		verdict_lose(verdict, VERDICT_INCONCLUSIVE);
	} else if (verdict_take_cgroup(verdict, stats)) {
		verdict_lose(verdict, VERDICT_INCONCLUSIVE);
	}
}

/* Whether record and all before it stay within limit bytes; if so it counts. */
static bool take_payload_bytes(struct verdict *verdict, const json_t *record, size_t limit)
{
	size_t size = json_dumpb(record, NULL, 0, JSON_COMPACT) + 1;

	if (verdict->payloads_bytes + size > limit)
		return false;
	verdict->payloads_bytes += size;
	return true;
}

void verdict_take_payload(struct verdict *verdict, json_t *record)
{
	bool kept = false;

	if (!verdict->payloads)
		verdict->payloads = json_array();
	if (record && json_array_size(verdict->payloads) < PAYLOAD_RECORDS_MAX) {
		kept = take_payload_bytes(verdict, record, VERDICT_PAYLOAD_METRICS_BYTES);
		if (!kept) {
			payload_record_strip(record);
			kept = take_payload_bytes(verdict, record, VERDICT_PAYLOADS_BYTES);
		}
	}
	/* Consumes the record, come what may. */
	if (kept ? json_array_append_new(verdict->payloads, record) : (json_decref(record), -1))
		verdict_note(verdict, "the record of a payload's run is lost: out of memory, or "
				      "more of them than a result holds");
}

const json_t *verdict_payloads(const struct verdict *verdict)
{
	return verdict->payloads;
}

struct verdict_phase verdict_set_phase(struct verdict *verdict, const char *label)
{
	struct verdict_phase before = verdict->phase;

	snprintf(verdict->phase.label, sizeof(verdict->phase.label), "%s", label ? label : "");
	return before;
}

void verdict_merge(struct verdict *verdict, const struct verdict *other)
{
	for (size_t i = 0; i < other->entries_count; i++) {
		struct verdict_entry entry = other->entries[i];
		const char *cgroup = entry.cgroup;

		if (entries_full(verdict)) {
			verdict_lose(verdict, entry.outcome);
			continue;
		}
		entry.message = copy_text(entry.message);
		entry.cgroup = NULL;
		add(verdict, cgroup, entry);
	}
	for (size_t i = 0; i < other->notes_count; i++)
		verdict_note(verdict, "%s", other->notes[i]);
	for (size_t i = 0; i < other->stats.cgroups_count; i++) {
		struct cgroup_stats stats = other->stats.cgroups[i];

		stats.name = copy_text(stats.name);
		verdict_keep_cgroup(verdict, &stats);
	}
	for (size_t i = 0; i < json_array_size(other->payloads); i++)
		verdict_take_payload(verdict, json_deep_copy(json_array_get(other->payloads, i)));
}

enum verdict_outcome verdict_outcome(const struct verdict *verdict)
{
	enum verdict_outcome worst = VERDICT_SKIP;

	if (!verdict->entries_count)
		return VERDICT_PASS;
	for (size_t i = 0; i < verdict->entries_count; i++)
		if (verdict->entries[i].outcome > worst)
			worst = verdict->entries[i].outcome;
	return worst;
}

size_t verdict_entries(const struct verdict *verdict, const struct verdict_entry **ret_entries)
{
	*ret_entries = verdict->entries;
	return verdict->entries_count;
}

size_t verdict_notes(const struct verdict *verdict, char *const **ret_notes)
{
	*ret_notes = verdict->notes;
	return verdict->notes_count;
}

const struct scenario_stats *verdict_stats(const struct verdict *verdict)
{
	return &verdict->stats;
}

const struct verdict_entry *verdict_terminal(const struct verdict *verdict)
{
	enum verdict_outcome outcome = verdict_outcome(verdict);

	if (outcome == VERDICT_PASS)
		return NULL;
	for (size_t i = 0; i < verdict->entries_count; i++)
		if (verdict->entries[i].outcome == outcome)
			return &verdict->entries[i];
	return NULL;
}
