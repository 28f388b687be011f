// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sched/object.h"
#include "sched/scheduler.h"
#include "unit.h"

/* Folder of the built .bpf.o, from the build. */
#define FIXTURES_ENV "KTSTR_BPF_DIR"

static const char *fixture(const char *name, char path[256])
{
	const char *folder = getenv(FIXTURES_ENV);

	if (!folder)
		fail_msg(FIXTURES_ENV " is not set: run this through meson test");
	snprintf(path, 256, "%s/%s.bpf.o", folder, name);
	return path;
}

struct text {
	char bytes[4096];
	size_t length;
};

static void collect(void *data, const char *bytes, size_t length)
{
	struct text *text = data;

	if (length > sizeof(text->bytes) - 1 - text->length)
		length = sizeof(text->bytes) - 1 - text->length;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static void object_open_finds_the_only_scheduler(void **state)
{
	static const char *const names[] = { "ktstr_fixture", "ktstr_starve", "ktstr_crash" };
	struct libbpf_log quiet = { 0 };

	(void)state;
	libbpf_log_begin(&quiet);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct ktstr_error error = { 0 };
		struct scx_object object;
		char path[256];

		if (scx_object_open(fixture(names[i], path), NULL, &object, &error))
			fail_msg("%s", error.text);
		assert_string_equal(object.ops_name, names[i]);
		scx_object_release(&object);
		assert_int_equal(scx_object_open(path, names[i], &object, NULL), 0);
		scx_object_release(&object);
	}
	libbpf_log_end();
}

static void object_open_names_the_maps_there_are(void **state)
{
	struct libbpf_log quiet = { 0 };
	struct ktstr_error error = { 0 };
	struct scx_object object;
	char path[256];

	(void)state;
	libbpf_log_begin(&quiet);
	assert_int_equal(scx_object_open(fixture("ktstr_starve", path), "gate_map", &object, &error),
			 -ENOENT);
	libbpf_log_end();
	assert_contains(error.text, "no struct_ops map 'gate_map'");
	assert_contains(error.text, path);
	assert_contains(error.text, "it has: 'ktstr_starve' (sched_ext_ops)");
}

static void object_open_refuses_a_file_that_is_none(void **state)
{
	struct text log = { 0 };
	const struct libbpf_log receiver = { .log = collect, .data = &log };
	struct ktstr_error error = { 0 };
	struct scx_object object;

	(void)state;
	libbpf_log_begin(&receiver);
	assert_int_equal(scx_object_open("/nonexistent.bpf.o", NULL, &object, &error), -ENOENT);
	assert_contains(error.text, "'/nonexistent.bpf.o': No such file");
	assert_int_equal(scx_object_open("/proc/self/exe", NULL, &object, &error), -ENOEXEC);
	assert_contains(error.text, "open BPF object '/proc/self/exe': ");
	assert_contains(error.text, "format invalid");
	libbpf_log_end();
	assert_contains(log.bytes, "nonexistent");
}

/* sysfs folders that stop an attach before anything is loaded. */
static void scheduler_attach_asks_sysfs_first(void **state)
{
	char sysfs[] = "/tmp/ktstr-test-sysfs-XXXXXX";
	struct scheduler_config config = { .object = "/nonexistent.bpf.o", .sysfs = sysfs };
	struct scheduler *scheduler = NULL;
	struct ktstr_error error = { 0 };
	char path[128];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(sysfs));
	snprintf(path, sizeof(path), "%s/state", sysfs);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(file_write_all(fd, "enabled\n", 8), 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/root", sysfs);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/root/ops", sysfs);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(file_write_all(fd, "other\n", 6), 0);
	close(fd);

	assert_int_equal(scheduler_attach(&config, &scheduler, &error), -EBUSY);
	assert_contains(error.text, "another scheduler 'other' is enabled");

	unlink(path);
	snprintf(path, sizeof(path), "%s/root", sysfs);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/state", sysfs);
	unlink(path);
	rmdir(sysfs);
	assert_int_equal(scheduler_attach(&config, &scheduler, &error), -ENOTSUP);
	assert_contains(error.text, "kernel has no sched_ext");
	assert_null(scheduler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(object_open_finds_the_only_scheduler),
		cmocka_unit_test(object_open_names_the_maps_there_are),
		cmocka_unit_test(object_open_refuses_a_file_that_is_none),
		cmocka_unit_test(scheduler_attach_asks_sysfs_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
