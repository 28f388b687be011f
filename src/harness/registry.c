// SPDX-License-Identifier: GPL-2.0-only
/* The tests of this binary: registration, order, and what a declaration must fulfil. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/filter.h"
#include "harness/registry.h"
#include "payload/payload.h"

#define NAME_MAX_LENGTH 128 /* it becomes part of a file name, which ends at 255 bytes */

/* The one state this library keeps: constructors have nobody else to hand their test to. */
static struct ktstr_test *first_test;

void ktstr_test_register(struct ktstr_test *test)
{
	for (const struct ktstr_test *known = first_test; known; known = known->next)
		if (known == test)
			return;
	test->next = first_test;
	first_test = test;
}

static int declaration_error(const struct ktstr_test *test, struct ktstr_error *error, int err)
{
	return ktstr_error_wrap(error, err, "%s:%d: test '%s'", test->file ? test->file : "?",
				test->line, test->name ? test->name : "");
}

/* Names stand in TAP lines, file names and globs. */
static int check_name(const char *name, struct ktstr_error *error)
{
	if (!name || !*name)
		return ktstr_error_set(error, -EINVAL, "the name is empty");
	if (strlen(name) > NAME_MAX_LENGTH)
		return ktstr_error_set(error, -EINVAL,
				       "the name has %zu letters, at most %d are allowed",
				       strlen(name), NAME_MAX_LENGTH);
	for (const char *at = name; *at; at++)
		if (*at == '/' || *at == '\\' || *at == '#' || !isgraph((unsigned char)*at))
			return ktstr_error_set(error, -EINVAL,
					       "the name has the character 0x%02x; no '/', '\\', "
					       "'#' or space is allowed",
					       (unsigned char)*at);
	return 0;
}

static int check_limits(const char *whose, const struct ktstr_check *check,
			struct ktstr_error *error)
{
#define X(field)                                                                                   \
	if (!isfinite(check->field) || check->field < 0)                                           \
		return ktstr_error_set(error, -EINVAL,                                             \
				       "%s " #field " %g is not a finite number of at least 0; 0 " \
				       "leaves it unset",                                          \
				       whose, check->field);
	KTSTR_CHECK_DOUBLES(X)
#undef X
	return 0;
}

static int check_scheduler(const struct ktstr_scheduler *scheduler, struct ktstr_error *error)
{
	if (!scheduler->name || !*scheduler->name)
		return ktstr_error_set(error, -EINVAL, "its scheduler has no name");
	if (!scheduler->bpf_object || !*scheduler->bpf_object)
		return ktstr_error_set(
			error, -EINVAL,
			"scheduler '%s' has no bpf_object; give the path of its .bpf.o",
			scheduler->name);
	return check_limits("scheduler's", &scheduler->check, error);
}

static int check_payloads(const struct ktstr_payloads *payloads, struct ktstr_error *error)
{
	for (size_t i = 0; i < payloads->count; i++) {
		int err = payloads->payloads[i]
				  ? payload_check(payloads->payloads[i], error)
				  : ktstr_error_set(error, -EINVAL, "payload %zu is NULL", i);

		if (err)
			return err;
	}
	return 0;
}

int registry_check_test(const struct ktstr_test *test, struct ktstr_error *error)
{
	struct ktstr_topology topology = test->topology;
	int err = check_name(test->name, error);

	if (!err && !test->run)
		err = ktstr_error_set(error, -EINVAL, "has no function to run");
	if (!err && test->scheduler)
		err = check_scheduler(test->scheduler, error);
	if (!err)
		err = check_limits("the", &test->check, error);
	if (!err)
		err = check_payloads(&test->payloads, error);
	if (!err) {
		ktstr_topology_resolve(&topology,
				       test->scheduler ? &test->scheduler->topology : NULL);
		err = ktstr_topology_check(&topology, error);
	}
	return err ? declaration_error(test, error, err) : 0;
}

static int compare_places(const void *a, const void *b)
{
	const struct ktstr_test *left = *(struct ktstr_test *const *)a;
	const struct ktstr_test *right = *(struct ktstr_test *const *)b;
	int files = strcmp(left->file ? left->file : "", right->file ? right->file : "");

	return files ? files : (left->line > right->line) - (left->line < right->line);
}

/* What only shows when tests are compared with each other: names taken twice. */
static int check_pair(const struct ktstr_test *test, const struct ktstr_test *earlier,
		      struct ktstr_error *error)
{
	if (strcmp(test->name, earlier->name) == 0)
		return declaration_error(
			test, error,
			ktstr_error_set(error, -EINVAL,
					"the name is taken by the test at %s:%d; choose another",
					earlier->file, earlier->line));
	if (test->scheduler && earlier->scheduler && test->scheduler != earlier->scheduler &&
	    strcmp(test->scheduler->name, earlier->scheduler->name) == 0)
		return declaration_error(
			test, error,
			ktstr_error_set(error, -EINVAL,
					"its scheduler '%s' is another one than that of test '%s' "
					"at %s:%d; choose another name",
					test->scheduler->name, earlier->name, earlier->file,
					earlier->line));
	return 0;
}

int registry_collect(struct ktstr_test ***ret_tests, size_t *ret_count, struct ktstr_error *error)
{
	auto_free struct ktstr_test **tests = NULL;
	size_t count = 0, used = 0;

	for (const struct ktstr_test *test = first_test; test; test = test->next)
		count++;
	tests = calloc(count + 1, sizeof(struct ktstr_test *));
	if (!tests)
		return ktstr_error_set(error, -ENOMEM, "no memory for a list of %zu tests", count);
	for (struct ktstr_test *test = first_test; test; test = test->next)
		tests[used++] = test;
	qsort(tests, count, sizeof(struct ktstr_test *), compare_places);
	for (size_t i = 0; i < count; i++) {
		int err = registry_check_test(tests[i], error);

		for (size_t j = 0; !err && j < i; j++)
			err = check_pair(tests[i], tests[j], error);
		if (err)
			return err;
	}
	*ret_tests = take_pointer(tests);
	*ret_count = count;
	return 0;
}

const struct ktstr_test *registry_find(struct ktstr_test *const *tests, size_t count,
				       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(tests[i]->name, name) == 0)
			return tests[i];
	return NULL;
}

int registry_filter(struct ktstr_test **tests, size_t *count, const char *glob,
		    struct ktstr_error *error)
{
	struct name_filter filter = NAME_FILTER(glob);
	size_t kept = 0;
	int err;

	for (size_t i = 0; i < *count; i++)
		if (name_filter_matches(&filter, tests[i]->name))
			tests[kept++] = tests[i];
	err = name_filter_check(&filter, error);
	if (err)
		return err;
	*count = kept;
	return 0;
}
