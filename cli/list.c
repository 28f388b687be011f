// SPDX-License-Identifier: GPL-2.0-only
/* ktstr list: what the tests of test binaries ask for, without running any. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/filter.h"
#include "cli/command.h"
#include "runner/binary.h"
#include "runner/plan.h"

struct list_arguments {
	const char *filter;
	bool json;
};

static const struct option_row rows[] = {
	OPTION_STRING("filter", 'f', struct list_arguments, filter, "GLOB",
		      "only tests whose name matches, as in 'cpuset_*'"),
	OPTION_FLAG("json", 'j', struct list_arguments, json, "print JSON"),
	OPTION_END,
};

static const struct option_set list_options = {
	.command = "ktstr list",
	.synopsis = "FILE... [OPTION...]",
	.summary = "Shows the tests of test binaries: topology, scheduler, duration and place.",
	.rows = rows,
	.min_args = 1,
	.max_args = UINT_MAX,
	.arg_name = "FILE",
};

const struct option_set *const cli_list_options[] = { &list_options, NULL };

/* The tests chosen so far, in both forms; json NULL: a table is wanted. */
struct listing {
	struct name_filter filter;
	json_t *json;
	bool begun; /* the head of the table is printed */
	struct {
		int name, topology, scheduler;
	} widths; /* of its columns */
};

/* What a test gets when no flag says otherwise. */
static const char *topology_of(const struct binary_test *test, char text[KTSTR_TOPOLOGY_TEXT_MAX])
{
	struct ktstr_topology topology = test->topology;

	ktstr_topology_resolve(&topology, test->scheduler ? &test->scheduler->topology : NULL);
	return ktstr_topology_format(&topology, text);
}

static uint64_t duration_ms_of(const struct binary_test *test)
{
	return test->duration_ms ? test->duration_ms : PLAN_DURATION_MS;
}

static int add_json(json_t *list, const struct test_binary *binary, const struct binary_test *test)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	return json_array_append_new(
		list, json_pack("{s:s, s:s, s:s, s:s?, s:I, s:s, s:i, s:b}", "binary", binary->path,
				"name", test->name, "topology", topology_of(test, topology),
				"scheduler", test->scheduler ? test->scheduler->name : NULL,
				"duration_ms", (json_int_t)duration_ms_of(test), "file", test->file,
				"line", test->line, "expect_err", (int)test->expect_err));
}

static const char *scheduler_of(const struct binary_test *test)
{
	return test->scheduler ? test->scheduler->name : "eevdf";
}

static void widen(int *width, const char *text)
{
	if (*width < (int)strlen(text))
		*width = (int)strlen(text);
}

static void measure(const struct test_binary *binaries, unsigned count, struct listing *listing)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	widen(&listing->widths.name, "NAME");
	widen(&listing->widths.topology, "TOPOLOGY");
	widen(&listing->widths.scheduler, "SCHEDULER");
	for (unsigned i = 0; i < count; i++) {
		for (size_t j = 0; j < binaries[i].tests_count; j++) {
			const struct binary_test *test = &binaries[i].tests[j];

			widen(&listing->widths.name, test->name);
			widen(&listing->widths.topology, topology_of(test, topology));
			widen(&listing->widths.scheduler, scheduler_of(test));
		}
	}
}

static void print_columns(const struct listing *listing, const char *name, const char *topology,
			  const char *scheduler, const char *duration)
{
	printf("%-*s  %-*s  %-*s  %8s  ", listing->widths.name, name, listing->widths.topology,
	       topology, listing->widths.scheduler, scheduler, duration);
}

static void print_row(const struct listing *listing, const struct binary_test *test)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX], duration[32];
	uint64_t ms = duration_ms_of(test);

	if (!listing->begun) {
		print_columns(listing, "NAME", "TOPOLOGY", "SCHEDULER", "DURATION");
		puts("DECLARED AT");
	}
	snprintf(duration, sizeof(duration), "%" PRIu64 ".%" PRIu64 " s", ms / 1000,
		 ms % 1000 / 100);
	print_columns(listing, test->name, topology_of(test, topology), scheduler_of(test),
		      duration);
	printf("%s:%d\n", test->file, test->line);
}

static int list_binary(const struct test_binary *binary, struct listing *listing,
		       struct ktstr_error *error)
{
	for (size_t i = 0; i < binary->tests_count; i++) {
		const struct binary_test *test = &binary->tests[i];

		if (!name_filter_matches(&listing->filter, test->name))
			continue;
		if (!listing->json)
			print_row(listing, test);
		listing->begun = true;
		if (listing->json && add_json(listing->json, binary, test))
			return ktstr_error_set(error, -ENOMEM, "no memory for the list");
	}
	return 0;
}

static int list_binaries(const struct test_binary *binaries, unsigned count,
			 struct listing *listing, struct ktstr_error *error)
{
	int err = 0;

	measure(binaries, count, listing);
	for (unsigned i = 0; !err && i < count; i++)
		err = list_binary(&binaries[i], listing, error);
	if (!err)
		err = name_filter_check(&listing->filter, error);
	if (err || !listing->json)
		return err;
	json_dumpf(listing->json, stdout, JSON_INDENT(2));
	putchar('\n');
	return 0;
}

/* All stay open to the end: what is said of a filter that chose nothing quotes their names. */
static int list_files(char *const *files, unsigned count, struct listing *listing,
		      struct ktstr_error *error)
{
	auto_free struct test_binary *binaries = calloc(count, sizeof(*binaries));
	unsigned opened = 0;
	int err = 0;

	if (!binaries)
		return ktstr_error_set(error, -ENOMEM, "no memory for %u test binaries", count);
	while (!err && opened < count) {
		err = test_binary_open(files[opened], -1, &binaries[opened], error);
		opened += !err;
	}
	if (!err)
		err = list_binaries(binaries, count, listing, error);
	while (opened)
		test_binary_release(&binaries[--opened]);
	return err;
}

int cli_list(int argc, char **argv)
{
	struct list_arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned files;
	int err, status = cli_parse(&list_options, argc, argv, &arguments, &files);

	if (status != CLI_GO_ON)
		return status;
	struct listing listing = { .filter = NAME_FILTER(arguments.filter),
				   .json = arguments.json ? json_array() : NULL };

	err = list_files(argv + 1, files, &listing, &error);
	json_decref(listing.json);
	return err ? cli_error(list_options.command, "%s", error.text) : CLI_OK;
}
