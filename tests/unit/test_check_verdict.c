// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "check/verdict.h"
#include "check/verdict_build.h"
#include "unit.h"

static int setup(void **state)
{
	*state = verdict_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	verdict_free(*state);
	return 0;
}

/* S skip, P pass, I inconclusive, F fail. */
static void add_outcomes(struct verdict *verdict, const char *letters)
{
	for (; *letters; letters++) {
		enum verdict_outcome outcome = *letters == 'S'	 ? VERDICT_SKIP
					       : *letters == 'P' ? VERDICT_PASS
					       : *letters == 'I' ? VERDICT_INCONCLUSIVE
								 : VERDICT_FAIL;

		verdict_add(verdict, outcome, DETAIL_OTHER, "%c", *letters);
	}
}

static const struct {
	const char *outcomes;
	enum verdict_outcome verdict;
	const char *terminal; /* message of the entry, NULL: none */
} lattice[] = {
	{ "", VERDICT_PASS, NULL },	     { "P", VERDICT_PASS, NULL },
	{ "S", VERDICT_SKIP, "S" },	     { "SS", VERDICT_SKIP, "S" },
	{ "SP", VERDICT_PASS, NULL },	     { "PI", VERDICT_INCONCLUSIVE, "I" },
	{ "SI", VERDICT_INCONCLUSIVE, "I" }, { "IF", VERDICT_FAIL, "F" },
	{ "SPIF", VERDICT_FAIL, "F" },	     { "FPS", VERDICT_FAIL, "F" },
};

static void verdict_outcome_is_the_most_severe(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lattice); i++) {
		struct verdict *verdict = verdict_new();
		const struct verdict_entry *terminal;

		add_outcomes(verdict, lattice[i].outcomes);
		assert_int_equal(verdict_outcome(verdict), lattice[i].verdict);
		terminal = verdict_terminal(verdict);
		if (lattice[i].terminal)
			assert_string_equal(terminal->message, lattice[i].terminal);
		else
			assert_null(terminal);
		verdict_free(verdict);
	}
}

/* Merging gives what adding everything to one verdict gives, whatever the split. */
static void verdict_merge_is_adding(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lattice); i++)
		for (size_t split = 0; split <= strlen(lattice[i].outcomes); split++) {
			struct verdict *left = verdict_new(), *right = verdict_new();
			char head[8] = "";

			memcpy(head, lattice[i].outcomes, split);
			add_outcomes(left, head);
			add_outcomes(right, lattice[i].outcomes + split);
			verdict_merge(left, right);
			assert_int_equal(verdict_outcome(left), lattice[i].verdict);
			verdict_free(left);
			verdict_free(right);
		}
}

static void verdict_terminal_is_the_first_of_its_kind(void **state)
{
	struct verdict *verdict = *state;

	verdict_add(verdict, VERDICT_INCONCLUSIVE, DETAIL_OTHER, "early");
	verdict_add(verdict, VERDICT_FAIL, DETAIL_STUCK, "first");
	verdict_add(verdict, VERDICT_FAIL, DETAIL_UNFAIR, "second");
	assert_string_equal(verdict_terminal(verdict)->message, "first");
	assert_int_equal(verdict_terminal(verdict)->kind, DETAIL_STUCK);
}

static void verdict_set_phase_stamps_and_restores(void **state)
{
	struct verdict *verdict = *state;
	struct verdict_phase outer;
	const struct verdict_entry *entries;

	verdict_set_phase(verdict, "BASELINE");
	outer = verdict_set_phase(verdict, "Step[0]");
	assert_string_equal(outer.label, "BASELINE");
	verdict_add(verdict, VERDICT_FAIL, DETAIL_OTHER, "inside");
	verdict_set_phase(verdict, outer.label);
	verdict_add(verdict, VERDICT_FAIL, DETAIL_OTHER, "after");
	verdict_set_phase(verdict, NULL);
	verdict_add(verdict, VERDICT_FAIL, DETAIL_OTHER, "outside");
	assert_int_equal(verdict_entries(verdict, &entries), 3);
	assert_string_equal(entries[0].phase.label, "Step[0]");
	assert_string_equal(entries[1].phase.label, "BASELINE");
	assert_string_equal(entries[2].phase.label, "");
}

static void verdict_set_phase_cuts_a_long_label(void **state)
{
	struct verdict *verdict = *state;
	const struct verdict_entry *entries;

	verdict_set_phase(verdict, "a label of more than twenty-three bytes");
	verdict_add(verdict, VERDICT_PASS, DETAIL_OTHER, " ");
	verdict_entries(verdict, &entries);
	assert_int_equal(strlen(entries[0].phase.label), sizeof(entries[0].phase.label) - 1);
}

static void verdict_merge_appends_and_leaves_the_other_alone(void **state)
{
	struct verdict *left = *state, *right = verdict_new();
	struct cgroup_stats stats = { .name = strdup("cg_1"), .num_workers = 3 };
	const struct verdict_entry *entries;
	char *const *notes;

	verdict_add(left, VERDICT_PASS, DETAIL_OTHER, "one");
	verdict_note(left, "note one");
	verdict_set_phase(right, "Step[4]");
	verdict_add_to_cgroup(right, "cg_1", VERDICT_FAIL, DETAIL_UNFAIR, "two %d", 2);
	verdict_note(right, "note %s", "two");
	verdict_keep_cgroup(right, &stats);
	verdict_merge(left, right);
	assert_int_equal(verdict_entries(right, &entries), 1);
	verdict_free(right);

	assert_int_equal(verdict_entries(left, &entries), 2);
	assert_string_equal(entries[0].message, "one");
	assert_null(entries[0].cgroup);
	assert_string_equal(entries[1].message, "two 2");
	assert_string_equal(entries[1].cgroup, "cg_1");
	assert_string_equal(entries[1].phase.label, "Step[4]");
	assert_int_equal(entries[1].kind, DETAIL_UNFAIR);
	assert_int_equal(verdict_notes(left, &notes), 2);
	assert_string_equal(notes[0], "note one");
	assert_string_equal(notes[1], "note two");
	assert_int_equal(verdict_stats(left)->cgroups_count, 1);
	assert_string_equal(verdict_stats(left)->cgroups[0].name, "cg_1");
	assert_int_equal(verdict_stats(left)->cgroups[0].num_workers, 3);
}

static void verdict_notes_change_no_outcome(void **state)
{
	struct verdict *verdict = *state;
	char *const *notes;

	for (int i = 0; i < VERDICT_NOTES_MAX + 10; i++)
		verdict_note(verdict, "note %d", i);
	assert_int_equal(verdict_outcome(verdict), VERDICT_PASS);
	assert_int_equal(verdict_notes(verdict, &notes), VERDICT_NOTES_MAX);
	assert_string_equal(notes[VERDICT_NOTES_MAX - 2], "note 4094");
	assert_contains(notes[VERDICT_NOTES_MAX - 1], "11 notes lost");
}

static void verdict_add_counts_what_it_cannot_keep(void **state)
{
	struct verdict *verdict = *state;
	const struct verdict_entry *entries, *last;

	for (int i = 0; i < VERDICT_ENTRIES_MAX; i++)
		verdict_add(verdict, VERDICT_PASS, DETAIL_OTHER, "pass %d", i);
	assert_int_equal(verdict_entries(verdict, &entries), VERDICT_ENTRIES_MAX);
	last = &entries[VERDICT_ENTRIES_MAX - 1];
	assert_contains(last->message, "1 outcomes or statistics lost");
	assert_int_equal(verdict_outcome(verdict), VERDICT_INCONCLUSIVE);

	verdict_add(verdict, VERDICT_FAIL, DETAIL_STUCK, "late failure");
	assert_int_equal(verdict_entries(verdict, &entries), VERDICT_ENTRIES_MAX);
	assert_contains(last->message, "2 outcomes or statistics lost");
	assert_int_equal(verdict_outcome(verdict), VERDICT_FAIL);
	assert_ptr_equal(verdict_terminal(verdict), last);
}

static void verdict_merge_into_a_full_verdict_keeps_the_failure(void **state)
{
	struct verdict *left = *state, *right = verdict_new();
	const struct verdict_entry *entries;

	for (int i = 0; i < VERDICT_ENTRIES_MAX; i++)
		verdict_add(left, VERDICT_PASS, DETAIL_OTHER, " ");
	verdict_add(right, VERDICT_FAIL, DETAIL_STUCK, "the one");
	verdict_merge(left, right);
	verdict_free(right);
	assert_int_equal(verdict_outcome(left), VERDICT_FAIL);
	/* And the loss itself survives a merge, as text of its own. */
	right = verdict_new();
	verdict_merge(right, left);
	assert_int_equal(verdict_entries(right, &entries), VERDICT_ENTRIES_MAX);
	assert_int_equal(verdict_outcome(right), VERDICT_FAIL);
	verdict_free(right);
}

static void verdict_keep_cgroup_says_when_there_are_too_many(void **state)
{
	struct verdict *verdict = *state;

	for (int i = 0; i < VERDICT_CGROUPS_MAX; i++)
		verdict_keep_cgroup(verdict, &(struct cgroup_stats){ .name = strdup("cg") });
	assert_int_equal(verdict_outcome(verdict), VERDICT_PASS);
	verdict_keep_cgroup(verdict, &(struct cgroup_stats){ .name = strdup("cg") });
	assert_int_equal(verdict_stats(verdict)->cgroups_count, VERDICT_CGROUPS_MAX);
	assert_int_equal(verdict_outcome(verdict), VERDICT_INCONCLUSIVE);
}

static void verdict_free_accepts_nothing(void **state)
{
	(void)state;
	verdict_free(NULL);
}

#define WITH_VERDICT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_outcome_is_the_most_severe),
		cmocka_unit_test(verdict_merge_is_adding),
		WITH_VERDICT(verdict_terminal_is_the_first_of_its_kind),
		WITH_VERDICT(verdict_set_phase_stamps_and_restores),
		WITH_VERDICT(verdict_set_phase_cuts_a_long_label),
		WITH_VERDICT(verdict_merge_appends_and_leaves_the_other_alone),
		WITH_VERDICT(verdict_notes_change_no_outcome),
		WITH_VERDICT(verdict_add_counts_what_it_cannot_keep),
		WITH_VERDICT(verdict_merge_into_a_full_verdict_keeps_the_failure),
		WITH_VERDICT(verdict_keep_cgroup_says_when_there_are_too_many),
		cmocka_unit_test(verdict_free_accepts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
