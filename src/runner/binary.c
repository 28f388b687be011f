// SPDX-License-Identifier: GPL-2.0-only
/* Asking a test binary what its tests are. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "base/program.h"
#include "check/json_read.h"
#include "check/verdict_json.h"
#include "harness/describe.h"
#include "runner/binary.h"

#define DESCRIBE_TIMEOUT_MS 10000  /* it only prints; a slow disk may have to page it in */
#define DESCRIBE_LIMIT (16u << 20) /* about 30000 tests */
#define TESTS_MAX 30000
#define TEXT_MAX 4096
#define FILES_MAX 1024
#define CPUS_MAX 65535 /* range of the parts of a topology: the sum is judged by the planner */

static int read_copy(const struct json_place *place, const char *key, char **ret_text,
		     struct ktstr_error *error)
{
	const char *text;
	int err = json_read_text(place, key, TEXT_MAX, &text, error);

	if (err)
		return err;
	*ret_text = strdup(text);
	if (!*ret_text)
		return ktstr_error_set(error, -ENOMEM, "no memory for a description");
	return 0;
}

static int read_unsigned(const struct json_place *place, const char *key, unsigned max,
			 unsigned *ret_value, struct ktstr_error *error)
{
	uint64_t value;
	int err = json_read_u64(place, key, max, &value, error);

	if (!err)
		*ret_value = (unsigned)value;
	return err;
}

static int read_topology(const json_t *json, struct ktstr_topology *ret_topology,
			 struct ktstr_error *error)
{
	struct json_place place;
	int err = json_place_enter(&place, json, error, "topology");

	if (!err)
		err = read_unsigned(&place, "numa_nodes", CPUS_MAX, &ret_topology->numa_nodes,
				    error);
	if (!err)
		err = read_unsigned(&place, "llcs", CPUS_MAX, &ret_topology->llcs, error);
	if (!err)
		err = read_unsigned(&place, "cores", CPUS_MAX, &ret_topology->cores, error);
	if (!err)
		err = read_unsigned(&place, "threads", CPUS_MAX, &ret_topology->threads, error);
	return err;
}

static int read_scheduler(const json_t *json, struct binary_scheduler **ret_scheduler,
			  struct ktstr_error *error)
{
	struct binary_scheduler *scheduler;
	struct json_place place;
	int err = json_place_enter(&place, json, error, "scheduler");

	if (err)
		return err;
	scheduler = calloc(1, sizeof(*scheduler));
	if (!scheduler)
		return ktstr_error_set(error, -ENOMEM, "no memory for a description");
	*ret_scheduler = scheduler; /* owned by the test from here on, half-filled or not */
	err = read_copy(&place, "name", &scheduler->name, error);
	if (!err)
		err = read_copy(&place, "bpf_object", &scheduler->bpf_object, error);
	if (!err && !json_read_is_null(&place, "struct_ops"))
		err = read_copy(&place, "struct_ops", &scheduler->struct_ops, error);
	if (!err)
		err = read_topology(json_object_get(json, "topology"), &scheduler->topology, error);
	if (!err)
		err = check_from_json(json_object_get(json, "check"), &scheduler->check, error);
	return err;
}

static int read_payload(const json_t *json, struct binary_payload *payload,
			struct ktstr_error *error)
{
	struct json_place place;
	const json_t *list;
	int err = json_place_enter(&place, json, error, "payload");

	if (!err)
		err = read_copy(&place, "name", &payload->name, error);
	if (!err)
		err = read_copy(&place, "exe", &payload->exe, error);
	if (!err)
		err = json_read_array(&place, "include_files", FILES_MAX, &list, error);
	if (err)
		return err;
	payload->include_files = calloc(json_array_size(list) + 1, sizeof(char *));
	if (!payload->include_files)
		return ktstr_error_set(error, -ENOMEM, "no memory for a description");
	while (payload->include_files_count < json_array_size(list)) {
		size_t index = payload->include_files_count;
		const json_t *value = json_array_get(list, index);
		char *copy = json_is_string(value) ? strdup(json_string_value(value)) : NULL;

		if (!copy)
			return json_read_refuse(&place, "include_files", value, error,
						"a list of paths");
		payload->include_files[payload->include_files_count++] = copy;
	}
	return 0;
}

static int read_payloads(const struct json_place *place, struct binary_test *test,
			 struct ktstr_error *error)
{
	const json_t *list;
	int err = json_read_array(place, "payloads", FILES_MAX, &list, error);

	if (err)
		return err;
	test->payloads = calloc(json_array_size(list) + 1, sizeof(*test->payloads));
	if (!test->payloads)
		return ktstr_error_set(error, -ENOMEM, "no memory for a description");
	while (!err && test->payloads_count < json_array_size(list)) {
		size_t index = test->payloads_count++;

		err = read_payload(json_array_get(list, index), &test->payloads[index], error);
	}
	return err;
}

static int read_test(const json_t *json, size_t index, struct binary_test *test,
		     struct ktstr_error *error)
{
	struct json_place place;
	int err = json_place_enter(&place, json, error, "tests[%zu]", index);

	if (!err)
		err = read_copy(&place, "name", &test->name, error);
	if (!err)
		err = read_copy(&place, "file", &test->file, error);
	if (!err)
		err = json_read_int(&place, "line", 0, INT_MAX, &test->line, error);
	if (!err)
		err = read_topology(json_object_get(json, "topology"), &test->topology, error);
	if (!err)
		err = check_from_json(json_object_get(json, "check"), &test->check, error);
	if (!err && !json_read_is_null(&place, "scheduler"))
		err = read_scheduler(json_object_get(json, "scheduler"), &test->scheduler, error);
	if (!err)
		err = json_read_u64(&place, "duration_ms", INT64_MAX, &test->duration_ms, error);
	if (!err)
		err = json_read_u64(&place, "timeout_ms", INT64_MAX, &test->timeout_ms, error);
	if (!err)
		err = read_unsigned(&place, "workers_per_cgroup", INT_MAX,
				    &test->workers_per_cgroup, error);
	if (!err)
		err = read_unsigned(&place, "memory_mib", UINT_MAX, &test->memory_mib, error);
	if (!err)
		err = read_unsigned(&place, "disk_mib", UINT_MAX, &test->devices.disk_mib, error);
	if (!err)
		err = json_read_bool(&place, "network", &test->devices.network, error);
	if (!err && !json_read_is_null(&place, "payloads"))
		err = read_payloads(&place, test, error);
	if (!err)
		err = json_read_bool(&place, "expect_err", &test->expect_err, error);
	return err;
}

static int read_works(const struct json_place *place, struct test_binary *binary,
		      struct ktstr_error *error)
{
	const json_t *list;
	int err = json_read_array(place, "works", FILES_MAX, &list, error);

	if (err)
		return err;
	binary->works = calloc(json_array_size(list) + 1, sizeof(*binary->works));
	if (!binary->works)
		return ktstr_error_set(error, -ENOMEM, "no memory for a description");
	while (binary->works_count < json_array_size(list)) {
		const json_t *value = json_array_get(list, binary->works_count);
		char *copy = json_is_string(value) ? strdup(json_string_value(value)) : NULL;

		if (!copy)
			return json_read_refuse(place, "works", value, error, "a list of names");
		binary->works[binary->works_count++] = copy;
	}
	return 0;
}

static int read_tests(const json_t *json, struct test_binary *binary, struct ktstr_error *error)
{
	struct json_place place, about;
	const json_t *list;
	int protocol;
	int err = json_place_enter(&place, json, error, "description");

	if (!err)
		err = json_place_enter(&about, json_object_get(json, "ktstr"), error, "ktstr");
	if (!err)
		err = json_read_int(&about, "protocol", 0, INT_MAX, &protocol, error);
	if (!err && protocol != HARNESS_PROTOCOL)
		err = ktstr_error_set(error, -EPROTO,
				      "its libktstr speaks protocol %d, this tool %d; rebuild or "
				      "reinstall one of them",
				      protocol, HARNESS_PROTOCOL);
	if (!err)
		err = read_works(&place, binary, error);
	if (!err)
		err = json_read_array(&place, "tests", TESTS_MAX, &list, error);
	if (err)
		return err;
	binary->tests = calloc(json_array_size(list) + 1, sizeof(*binary->tests));
	if (!binary->tests)
		return ktstr_error_set(error, -ENOMEM, "no memory for a description");
	while (!err && binary->tests_count < json_array_size(list)) {
		size_t index = binary->tests_count++;

		err = read_test(json_array_get(list, index), index, &binary->tests[index], error);
	}
	return err;
}

int test_binary_parse(const char *path, const char *text, struct test_binary *ret_binary,
		      struct ktstr_error *error)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct test_binary binary = { .path = strdup(path) };
	int err;

	if (!json)
		err = ktstr_error_set(error, -EPROTO,
				      "it does not describe itself; a test binary is linked with "
				      "libktstr and has no main of its own");
	else if (!binary.path)
		err = ktstr_error_set(error, -ENOMEM, "no memory for a description");
	else
		err = read_tests(json, &binary, error);
	json_decref(json);
	if (err) {
		test_binary_release(&binary);
		return ktstr_error_wrap(error, err == -ENOMEM ? err : -EPROTO, "test binary '%s'",
					path);
	}
	*ret_binary = binary;
	return 0;
}

/* Only ELF programs are run: handing --ktstr-describe to a script would do whatever it does. */
static int check_file(const char *path, struct ktstr_error *error)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	char magic[4];

	if (fd < 0)
		return ktstr_error_set(error, -errno, "%s", strerror(errno));
	if (fstat(fd, &status) < 0)
		return ktstr_error_set(error, -errno, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return ktstr_error_set(error, -EINVAL, "it is %s",
				       S_ISDIR(status.st_mode) ? "a folder; name the program in it"
							       : "not a regular file");
	if (read(fd, magic, sizeof(magic)) != sizeof(magic) ||
	    memcmp(magic, "\177ELF", sizeof(magic)) != 0)
		return ktstr_error_set(error, -ENOEXEC, "it is not an ELF program");
	if (access(path, X_OK) < 0)
		return ktstr_error_set(error, -errno, "it is not executable: %s", strerror(errno));
	return 0;
}

static int describe(const char *path, int stop_fd, char **ret_output, struct ktstr_error *error)
{
	const char *const argv[] = { path, HARNESS_DESCRIBE_ARGUMENT, NULL };
	const struct program program = {
		.argv = argv,
		.dir = AT_FDCWD,
		.deadline_ns = clock_deadline_ms(DESCRIBE_TIMEOUT_MS),
		.stop_fd = stop_fd,
		.out_limit_bytes = DESCRIBE_LIMIT,
	};

	return program_output(&program, ret_output, error);
}

int test_binary_open(const char *path, int stop_fd, struct test_binary *ret_binary,
		     struct ktstr_error *error)
{
	auto_free char *absolute = realpath(path, NULL);
	auto_free char *output = NULL;
	int err;

	if (!absolute)
		return ktstr_error_set(error, -errno, "test binary '%s': %s", path,
				       strerror(errno));
	err = check_file(absolute, error);
	if (!err)
		err = describe(absolute, stop_fd, &output, error);
	if (err)
		return ktstr_error_wrap(error, err, "test binary '%s'", path);
	err = test_binary_parse(path, output, ret_binary, error);
	if (err)
		return err;
	free(ret_binary->path);
	ret_binary->path = take_pointer(absolute);
	return 0;
}

int test_binary_check_work(const struct test_binary *binary, const char *name,
			   struct ktstr_error *error)
{
	struct nearest nearest = NEAREST(name);

	for (size_t i = 0; i < binary->works_count; i++) {
		if (!strcmp(binary->works[i], name))
			return 0;
		nearest_offer(&nearest, binary->works[i]);
	}
	return ktstr_error_set(error, -EINVAL, "option --work: no kind of work '%s'%s%s%s", name,
			       nearest_best(&nearest) ? ", nearest is '" : "",
			       nearest_best(&nearest) ? nearest_best(&nearest)
						      : "; ktstr_work(3) lists them",
			       nearest_best(&nearest) ? "'" : "");
}

static void release_scheduler(struct binary_scheduler *scheduler)
{
	if (!scheduler)
		return;
	free(scheduler->name);
	free(scheduler->bpf_object);
	free(scheduler->struct_ops);
	free(scheduler);
}

static void release_payloads(struct binary_test *test)
{
	for (size_t i = 0; i < test->payloads_count; i++) {
		struct binary_payload *payload = &test->payloads[i];

		for (size_t k = 0; k < payload->include_files_count; k++)
			free(payload->include_files[k]);
		free(payload->include_files);
		free(payload->name);
		free(payload->exe);
	}
	free(test->payloads);
}

void test_binary_release(struct test_binary *binary)
{
	for (size_t i = 0; i < binary->tests_count; i++) {
		free(binary->tests[i].name);
		free(binary->tests[i].file);
		release_scheduler(binary->tests[i].scheduler);
		release_payloads(&binary->tests[i]);
	}
	for (size_t i = 0; i < binary->works_count; i++)
		free(binary->works[i]);
	free(binary->works);
	free(binary->tests);
	free(binary->path);
	*binary = (struct test_binary){ 0 };
}
