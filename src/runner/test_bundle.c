// SPDX-License-Identifier: GPL-2.0-only
/* What of this machine a test needs in its guest: binary, scheduler, payloads. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "runner/payload_files.h"
#include "runner/test_bundle.h"

#define GUEST_OBJECT_DIR "/ktstr/sched/"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void test_paths_make(const struct test_plan *plan, struct test_paths *ret_paths)
{
	*ret_paths = (struct test_paths){ 0 };
	snprintf(ret_paths->binary, sizeof(ret_paths->binary), GUEST_BINARY_DIR "%.*s", NAME_MAX,
		 base_name(plan->binary->path));
	if (plan->test->scheduler)
		snprintf(ret_paths->object, sizeof(ret_paths->object), GUEST_OBJECT_DIR "%.*s",
			 NAME_MAX, base_name(plan->bpf_object));
}

static int add_payloads(const struct test_plan *plan, struct bundle *bundle,
			struct ktstr_error *error)
{
	auto_guest_files struct guest_files files = { 0 };
	int err = payload_files_add(plan->binary, plan->test, &files, error);

	for (size_t i = 0; !err && i < files.count; i++)
		err = bundle_add_file(bundle, files.items[i].host_path, files.items[i].guest_path,
				      error);
	return err;
}

static int fill(const struct test_plan *plan, struct bundle *bundle, struct ktstr_error *error)
{
	struct test_paths paths;
	int err;

	test_paths_make(plan, &paths);
	err = bundle_add_program(bundle, plan->binary->path, paths.binary, error);
	if (!err && plan->test->scheduler)
		err = bundle_add_file(bundle, plan->bpf_object, paths.object, error);
	return err ? err : add_payloads(plan, bundle, error);
}

int test_bundle_make(const struct test_plan *plan, const struct initramfs *initramfs,
		     struct bundle **ret_bundle, struct ktstr_error *error)
{
	struct bundle *bundle;
	int err = bundle_new(initramfs, &bundle, error);

	if (err)
		return err;
	err = fill(plan, bundle, error);
	if (err)
		bundle_free(bundle);
	else
		*ret_bundle = bundle;
	return err;
}
