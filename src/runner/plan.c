// SPDX-License-Identifier: GPL-2.0-only
/* From a test's declaration and the command line to what will be run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "check/verdict.h"
#include "runner/payload_files.h"
#include "runner/plan.h"

static int plan_topology(const struct binary_test *test, const struct plan_overrides *overrides,
			 struct ktstr_topology *ret_topology, struct ktstr_error *error)
{
	int err;

	if (overrides->topology) {
		err = ktstr_topology_parse(overrides->topology, ret_topology, error);
		return err ? ktstr_error_wrap(error, err, "option --topology") : 0;
	}
	*ret_topology = test->topology;
	ktstr_topology_resolve(ret_topology, test->scheduler ? &test->scheduler->topology : NULL);
	return ktstr_topology_check(ret_topology, error);
}

/* 0 when path is a file that can be read and looks like an object; else -errno. */
static int probe_object(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char magic[4];
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, magic, sizeof(magic));
	if (got < 0)
		return -errno;
	return got == sizeof(magic) && memcmp(magic, "\177ELF", sizeof(magic)) == 0 ? 0 : -ENOEXEC;
}

static const char *explain_object(int err)
{
	return err == -ENOEXEC ? "it is not an ELF object; compile it with clang -target bpf"
			       : strerror(-err);
}

/* Beside the test binary first, then in the current folder. */
static int find_object(const struct test_binary *binary, const char *object,
		       char ret_path[PATH_MAX], struct ktstr_error *error)
{
	const char *slash = strrchr(binary->path, '/');
	char folder[PATH_MAX];
	int first, second;

	if (object[0] == '/') {
		snprintf(ret_path, PATH_MAX, "%s", object);
		first = probe_object(ret_path);
		return first ? ktstr_error_set(error, first, "bpf object '%s': %s", object,
					       explain_object(first))
			     : 0;
	}
	if (snprintf(ret_path, PATH_MAX, "%.*s/%s", (int)(slash - binary->path), binary->path,
		     object) >= PATH_MAX)
		return ktstr_error_set(error, -ENAMETOOLONG,
				       "bpf object '%s': the path is too long", object);
	first = probe_object(ret_path);
	if (!first)
		return 0;
	if (first != -ENOENT)
		return ktstr_error_set(error, first, "bpf object '%s': %s", ret_path,
				       explain_object(first));
	if (!getcwd(folder, sizeof(folder)) ||
	    snprintf(ret_path, PATH_MAX, "%s/%s", folder, object) >= PATH_MAX)
		return ktstr_error_set(error, -errno, "bpf object '%s': current folder: %s", object,
				       strerror(errno));
	second = probe_object(ret_path);
	if (second == -ENOENT)
		return ktstr_error_set(error, second,
				       "bpf object '%s' is neither beside the test binary, in "
				       "'%.*s', nor in the current folder '%s'; build it or give "
				       "its absolute path",
				       object, (int)(slash - binary->path), binary->path, folder);
	if (second)
		return ktstr_error_set(error, second, "bpf object '%s': %s", ret_path,
				       explain_object(second));
	return 0;
}

/* They are found again when they are sent; here they only have to be there. */
static int check_payloads(const struct test_binary *binary, const struct binary_test *test,
			  struct ktstr_error *error)
{
	auto_guest_files struct guest_files files = { 0 };

	return payload_files_add(binary, test, &files, error);
}

static uint64_t plan_timeout_ms(const struct binary_test *test,
				const struct plan_overrides *overrides, uint64_t duration_ms)
{
	if (overrides->timeout_ms)
		return overrides->timeout_ms;
	if (test->timeout_ms)
		return test->timeout_ms;
	return duration_ms > UINT64_MAX - PLAN_TIMEOUT_SLACK_MS
		       ? UINT64_MAX
		       : duration_ms + PLAN_TIMEOUT_SLACK_MS;
}

int test_plan_make(const struct test_binary *binary, const struct binary_test *test,
		   const struct plan_overrides *overrides, struct test_plan *ret_plan,
		   struct ktstr_error *error)
{
	struct test_plan plan = { .test = test, .binary = binary };
	int err = plan_topology(test, overrides, &plan.topology, error);

	if (!err)
		err = vm_devices_check(&test->devices, error);
	if (!err && test->scheduler)
		err = find_object(binary, test->scheduler->bpf_object, plan.bpf_object, error);
	if (!err)
		err = check_payloads(binary, test, error);
	if (err)
		return ktstr_error_wrap(error, err, "test '%s'", test->name);
	plan.check = test->scheduler ? check_merge(&test->scheduler->check, &test->check)
				     : test->check;
	plan.duration_ms = test->duration_ms ? test->duration_ms : PLAN_DURATION_MS;
	plan.timeout_ms = plan_timeout_ms(test, overrides, plan.duration_ms);
	plan.workers_per_cgroup = test->workers_per_cgroup ? test->workers_per_cgroup : 1;
	plan.work = overrides->work;
	plan.on_host = overrides->on_host;
	*ret_plan = plan;
	return 0;
}

const char *test_plan_scheduler(const struct test_plan *plan)
{
	return plan->test->scheduler ? plan->test->scheduler->name : "eevdf";
}
