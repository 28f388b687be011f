// SPDX-License-Identifier: GPL-2.0-only
/* Groups before their workers exist: parameters by rows, admission, what a cohort shares. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "unit.h"
#include "workload/work_group.h"

struct sample_params {
	unsigned size, rate;
	bool exact;
	int mode;
	const char *target;
	struct {
		const unsigned *items;
		size_t count;
	} nodes;
};

static const char *const modes[] = { "plain", "pi", NULL };

static const struct work_param rows[] = {
	WORK_NUMBER(struct sample_params, size, 4, "workers"),
	WORK_NUMBER(struct sample_params, rate, 100, "Hz"),
	WORK_SWITCH(struct sample_params, exact, "a switch"),
	WORK_WORD(struct sample_params, mode, modes, "a word"),
	WORK_TEXT(struct sample_params, target, "a text"),
	WORK_LIST(struct sample_params, nodes, work_params_read_number, "NODE", "a list"),
	{ 0 },
};

static unsigned size_of_cohort(const void *params)
{
	return ((const struct sample_params *)params)->size;
}

static void plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	*ret_plumbing = (struct work_plumbing){
		.shared_bytes = 4,
		.buffer_bytes = 8192,
		.pipes = size_of_cohort(params),
	};
}

static int refuse_rate_13(const void *params, struct ktstr_error *error)
{
	if (((const struct sample_params *)params)->rate == 13)
		return ktstr_error_set(error, -EINVAL, "rate 13 brings bad luck");
	return 0;
}

static const struct ktstr_work_ops ops = {
	.name = "Sample",
	.params_size = sizeof(struct sample_params),
	.params = rows,
	.group_size = size_of_cohort,
	.plumbing = plumbing,
	.check = refuse_rate_13,
};

static void work_params_resolve_fills_in_defaults(void **state)
{
	struct sample_params *params = work_params_resolve(rows, sizeof(*params), NULL);

	(void)state;
	assert_non_null(params);
	assert_int_equal(params->size, 4);
	assert_int_equal(params->rate, 100);
	assert_null(params->target);
	assert_int_equal(params->nodes.count, 0);
	work_params_free(rows, params);
}

static void work_params_resolve_copies_what_is_given(void **state)
{
	unsigned nodes[] = { 3, 1 };
	char target[] = "cg_0";
	struct sample_params given = {
		.size = KTSTR_ZERO,
		.rate = 7,
		.exact = true,
		.mode = 1,
		.target = target,
		.nodes = { nodes, COUNT(nodes) },
	};
	struct sample_params *params = work_params_resolve(rows, sizeof(*params), &given);

	(void)state;
	memset(nodes, 0, sizeof(nodes));
	target[0] = 'x';
	assert_non_null(params);
	assert_int_equal(params->size, 0);
	assert_int_equal(params->rate, 7);
	assert_true(params->exact);
	assert_int_equal(params->mode, 1);
	assert_string_equal(params->target, "cg_0");
	assert_int_equal(params->nodes.items[0], 3);
	assert_int_equal(params->nodes.items[1], 1);
	work_params_free(rows, params);
}

static void work_params_set_reads_each_kind(void **state)
{
	struct sample_params params = { 0 };
	static const struct {
		const char *name, *text;
	} given[] = {
		{ "size", "0" },  { "rate", "4294967294" }, { "exact", "yes" },
		{ "mode", "pi" }, { "target", "here" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(given); i++)
		assert_int_equal(work_params_set(rows, &params, given[i].name, given[i].text, NULL),
				 0);
	assert_int_equal(params.size, KTSTR_ZERO);
	assert_int_equal(params.rate, KTSTR_ZERO - 1);
	assert_true(params.exact);
	assert_int_equal(params.mode, 1);
	assert_string_equal(params.target, "here");
	assert_int_equal(work_params_set(rows, &params, "exact", "no", NULL), 0);
	assert_false(params.exact);
}

/* The last word counts, and what is resolved does not need the list any more. */
static void work_params_set_makes_lists(void **state)
{
	struct sample_params params = { 0 }, *complete;

	(void)state;
	assert_int_equal(work_params_set(rows, &params, "nodes", "7", NULL), 0);
	assert_int_equal(work_params_set(rows, &params, "nodes", "0,3,1", NULL), 0);
	assert_int_equal(work_params_set(rows, &params, "nodes", "5,x", NULL), -EINVAL);
	assert_int_equal(params.nodes.count, 3);
	complete = work_params_resolve(rows, sizeof(*complete), &params);
	work_params_unset(rows, &params);
	assert_int_equal(params.nodes.count, 0);
	assert_null(params.nodes.items);
	assert_int_equal(complete->nodes.count, 3);
	assert_int_equal(complete->nodes.items[0], 0);
	assert_int_equal(complete->nodes.items[1], 3);
	assert_int_equal(complete->nodes.items[2], 1);
	work_params_free(rows, complete);
}

static void work_params_set_says_what_there_is(void **state)
{
	struct sample_params params = { 0 };
	static const struct {
		const char *name, *text, *says;
	} refused[] = {
		{ "siez", "1", "did you mean 'size'?" },
		{ "size", "-1", "'-1' is not a number" },
		{ "size", "4294967295", "from 0 to 4294967294" },
		{ "size", "", "'' is not a number" },
		{ "size", "1k", "'1k' is not a number" },
		{ "exact", "true", "neither yes nor no" },
		{ "mode", "both", "none of plain, pi" },
		{ "mode", "plian", "none of plain, pi; nearest is plain" },
		{ "what", "1", "'what': is none of size, rate, exact, mode, target, nodes" },
		{ "nodes", "", "parameter 'nodes' (NODE,...): '' is not a number" },
		{ "nodes", "1,", "'' is not a number" },
		{ "nodes", "1, 2", "' 2' is not a number" },
	};
	const struct sample_params untouched = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(work_params_set(rows, &params, refused[i].name, refused[i].text,
						 &error),
				 -EINVAL);
		assert_contains(error.text, refused[i].says);
	}
	assert_memory_equal(&params, &untouched, sizeof(params));
}

static void work_group_init_admits_whole_cohorts(void **state)
{
	static const struct {
		unsigned size, rate, count;
		const char *says; /* NULL: admitted */
	} cases[] = {
		{ 4, 1, 8, NULL },
		{ 4, 1, 6, "Sample (group 3) requires num_workers divisible by 4, got 6" },
		{ 4, 1, 0, "divisible by 4, got 0" },
		{ KTSTR_ZERO, 1, 4, "divisible by 0, got 4" },
		{ 2, 13, 2, "Sample (group 3): rate 13 brings bad luck" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sample_params params = { .size = cases[i].size,
						      .rate = cases[i].rate };
		struct ktstr_error error = { 0 };
		struct work_group group;
		int err = work_group_init(&group, 3,
					  &(struct ktstr_work){ .ops = &ops, .params = &params },
					  cases[i].count, &error);

		assert_int_equal(err, cases[i].says ? -EINVAL : 0);
		if (cases[i].says)
			assert_contains(error.text, cases[i].says);
		else
			work_group_release(&group);
	}
}

static void work_group_shared_is_one_for_a_cohort(void **state)
{
	struct work_group group;

	(void)state;
	assert_int_equal(work_group_init(&group, 0, &(struct ktstr_work){ .ops = &ops }, 8, NULL),
			 0);
	assert_ptr_equal(work_group_shared(&group, 0), work_group_shared(&group, 3));
	assert_ptr_equal(work_group_shared(&group, 4), work_group_shared(&group, 7));
	/* A cache line of its own for each cohort. */
	assert_true((char *)work_group_shared(&group, 4) - (char *)work_group_shared(&group, 3) >=
		    64);
	assert_int_equal(*(unsigned *)work_group_shared(&group, 7), 0);
	work_group_release(&group);
}

static void work_pipes_form_a_ring(void **state)
{
	struct work_pipes pipes;
	char byte = 0;

	(void)state;
	assert_int_equal(work_pipes_open(&pipes, 3, NULL), 0);
	for (unsigned position = 0; position < 3; position++) {
		char sent = (char)('a' + position);

		assert_int_equal(write(work_pipes_write_end(&pipes, position), &sent, 1), 1);
		assert_int_equal(read(work_pipes_read_end(&pipes, (position + 1) % 3), &byte, 1),
				 1);
		assert_int_equal(byte, sent);
	}
	/* Nobody waits in a read or a write: poll(2) is what workers wait in. */
	assert_int_equal(read(work_pipes_read_end(&pipes, 0), &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	work_pipes_close(&pipes);
}

static void work_pipes_keep_closes_the_others(void **state)
{
	struct work_pipes pipes;
	int ends[3][2];

	(void)state;
	assert_int_equal(work_pipes_open(&pipes, 3, NULL), 0);
	for (unsigned i = 0; i < 3; i++)
		memcpy(ends[i], pipes.fds[i], sizeof(ends[i]));
	work_pipes_keep(&pipes, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(fcntl(ends[i][0], F_GETFD), i == 0 ? FD_CLOEXEC : -1);
		assert_int_equal(fcntl(ends[i][1], F_GETFD), i == 1 ? FD_CLOEXEC : -1);
	}
	work_pipes_close(&pipes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_params_resolve_fills_in_defaults),
		cmocka_unit_test(work_params_resolve_copies_what_is_given),
		cmocka_unit_test(work_params_set_reads_each_kind),
		cmocka_unit_test(work_params_set_makes_lists),
		cmocka_unit_test(work_params_set_says_what_there_is),
		cmocka_unit_test(work_group_init_admits_whole_cohorts),
		cmocka_unit_test(work_group_shared_is_one_for_a_cohort),
		cmocka_unit_test(work_pipes_form_a_ring),
		cmocka_unit_test(work_pipes_keep_closes_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
