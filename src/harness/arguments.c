// SPDX-License-Identifier: GPL-2.0-only
/* The flags of test binaries and of `ktstr test`. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "harness/arguments.h"

const char *const test_accel_words[] = { "auto", "kvm", "tcg", NULL };

const struct option_row test_argument_rows[] = {
	OPTION_FLAG("list", 'l', struct test_arguments, list, "name the tests and run none"),
	OPTION_STRING("filter", 'f', struct test_arguments, filter, "GLOB",
		      "only tests whose name matches, as in 'cpuset_*'"),
	OPTION_STRING("kernel", 'k', struct test_arguments, kernel, "REF",
		      "kernel to boot: an entry of 'ktstr kernel list' or a path"),
	OPTION_STRING("topology", 't', struct test_arguments, topology, "NnNlNcNt",
		      "topology for every test, instead of its own"),
	OPTION_ENUM("accel", 0, struct test_arguments, accel, test_accel_words, "WORD",
		    "accelerator"),
	OPTION_DURATION("timeout", 0, struct test_arguments, timeout_ns, "TIME",
			"limit for each test, as in 90s"),
	OPTION_U64("jobs", 'j', struct test_arguments, jobs, "N",
		   "N VMs at once (default: a CPU for each vCPU)"),
	OPTION_STRING("results", 0, struct test_arguments, results, "DIR",
		      "folder of the result files (default ktstr-results)"),
	OPTION_FLAG("no-template", 0, struct test_arguments, no_template,
		    "boot each guest instead of copying one that was booted before"),
	OPTION_FLAG("host", 0, struct test_arguments, host,
		    "run the tests on this machine itself, in cgroups of their own"),
	OPTION_STRING("work", 'w', struct test_arguments, work, "KIND",
		      "kind of work in cgroups that are swappable, as in FutexPingPong"),
	OPTION_FLAG("verbose", 'v', struct test_arguments, verbose,
		    "show statistics and phases of passing tests too"),
	OPTION_FLAG("no-progress", 0, struct test_arguments, no_progress,
		    "no line about the progress on a terminal"),
	OPTION_END,
};

const char *test_arguments_work(const struct test_arguments *arguments)
{
	const char *override = getenv("KTSTR_WORK_OVERRIDE");

	if (arguments->work)
		return arguments->work;
	return override && *override ? override : NULL;
}

/* On the machine itself there is nothing to choose about it. */
static int check_host(const struct test_arguments *arguments, struct ktstr_error *error)
{
	const struct {
		const char *name;
		bool given;
	} rows[] = {
		{ "kernel", arguments->kernel },
		{ "topology", arguments->topology },
		{ "accel", arguments->accel },
		{ "no-template", arguments->no_template },
	};

	for (size_t i = 0; arguments->host && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].given)
			return ktstr_error_set(error, -EINVAL,
					       "options --host and --%s: tests on this machine "
					       "itself take it as it is; leave one of them out",
					       rows[i].name);
	return 0;
}

int test_arguments_check(const struct test_arguments *arguments, struct ktstr_error *error)
{
	struct ktstr_topology topology;
	int err = check_host(arguments, error);

	if (err)
		return err;
	if (arguments->topology) {
		err = ktstr_topology_parse(arguments->topology, &topology, error);
		if (err)
			return ktstr_error_wrap(error, err, "option --topology");
	}
	if (arguments->timeout_ns && arguments->timeout_ns < NS_PER_MS)
		return ktstr_error_set(
			error, -ERANGE,
			"option --timeout: %u ns is below 1ms; a VM needs seconds to boot",
			(unsigned)arguments->timeout_ns);
	if (arguments->jobs > TEST_JOBS_MAX)
		return ktstr_error_set(error, -ERANGE,
				       "option --jobs: %" PRIu64 " out of range 1..=%d",
				       arguments->jobs, TEST_JOBS_MAX);
	if (arguments->filter && !*arguments->filter)
		return ktstr_error_set(error, -EINVAL,
				       "option --filter: '' matches no test; leave it out for all");
	if (arguments->results && !*arguments->results)
		return ktstr_error_set(error, -EINVAL, "option --results: '' is no folder");
	return 0;
}
