// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fail the k-th mmap(2), allocation or thread of an engine's life, for each k until nothing fails
 * any more. Each failure is an error with a text, and leaves no thread, mapping or descriptor.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "test_workload.h"
#include "workload/schbench/engine.h"
#include "workload/taobench/engine.h"

/* The linker puts these in the place of the real ones, see test_workload_faults.c. */
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
			  void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
			  void *argument);

enum fault { FAULT_MMAP, FAULT_CALLOC, FAULT_THREAD };

static enum fault fault;
static unsigned calls_left; /* 0: none is to fail */
static bool struck;

static bool strikes(enum fault here)
{
	if (here != fault || !calls_left || --calls_left)
		return false;
	struck = true;
	return true;
}

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (strikes(FAULT_MMAP)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap64(address, size, protection, flags, fd, offset);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return strikes(FAULT_CALLOC) ? NULL : __real_calloc(count, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
			  void *argument)
{
	return strikes(FAULT_THREAD) ? EAGAIN : __real_pthread_create(thread, attr, body, argument);
}

static struct ktstr_schbench_slice schbench_slices[1];
static struct ktstr_taobench_slice taobench_slices[1];

static int live_schbench(struct ktstr_error *error)
{
	const struct schbench_config config = {
		.message_threads = 2,
		.worker_threads = 2,
		.cache_footprint_kib = 16,
		.operations = 2,
		.split = true,
		.split_pct = 50,
		.auto_rps_pct = 50,
		.slices = schbench_slices,
		.slices_max = 1,
	};
	struct schbench *bench = NULL;
	int err = schbench_new(&config, &bench, error);

	if (!err)
		err = schbench_start(bench, error);
	schbench_free(bench);
	return err;
}

static int live_taobench(struct ktstr_error *error)
{
	const struct taobench_config config = {
		.client_threads = 2,
		.slow_threads = 2,
		.cache_capacity_mib = 1,
		.target_hit_pct = 50,
		.slices = taobench_slices,
		.slices_max = 1,
	};
	struct taobench *bench = NULL;
	int err = taobench_new(&config, &bench, error);

	if (!err)
		err = taobench_start(bench, error);
	taobench_free(bench);
	return err;
}

/* By name: a sanitizer has threads of its own. */
static unsigned count_bench_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned count = 0;

	assert_non_null(tasks);
	for (const struct dirent *entry; (entry = readdir(tasks));) {
		char path[300], name[32] = "";
		FILE *comm;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		comm = fopen(path, "re");
		if (!comm)
			continue;
		if (fgets(name, sizeof(name), comm))
			count += strstr(name, "bench-") != NULL;
		fclose(comm);
	}
	closedir(tasks);
	return count;
}

/* How many calls of that kind a life makes: each of them fails once. */
static unsigned fail_each(enum fault kind, int (*live)(struct ktstr_error *error))
{
	unsigned failed = 0;

	for (;;) {
		struct ktstr_error error = { 0 };
		struct leftovers before = leftovers_count();
		int err;

		fault = kind;
		calls_left = failed + 1;
		struck = false;
		err = live(&error);
		calls_left = 0;
		assert_nothing_left(before);
		assert_int_equal(count_bench_threads(), 0);
		if (!struck) {
			assert_int_equal(err, 0);
			return failed;
		}
		assert_true(err < 0);
		assert_true(strlen(error.text) > 10);
		failed++;
		assert_true(failed < 100);
	}
}

static void schbench_fails_cleanly_at_every_step(void **state)
{
	(void)state;
	/* Itself, threads, locks, shared matrices, those of four workers; no pipe pages. */
	assert_true(fail_each(FAULT_MMAP, live_schbench) >= 8);
	assert_true(fail_each(FAULT_CALLOC, live_schbench) >= 1);
	assert_int_equal(fail_each(FAULT_THREAD, live_schbench), 6);
}

static void taobench_fails_cleanly_at_every_step(void **state)
{
	(void)state;
	assert_true(fail_each(FAULT_MMAP, live_taobench) >= 1);
	/* Itself, dispatchers, epochs, places, rows. */
	assert_true(fail_each(FAULT_CALLOC, live_taobench) >= 5);
	assert_int_equal(fail_each(FAULT_THREAD, live_taobench), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schbench_fails_cleanly_at_every_step),
		cmocka_unit_test(taobench_fails_cleanly_at_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
