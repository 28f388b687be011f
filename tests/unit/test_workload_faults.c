// SPDX-License-Identifier: GPL-2.0-only
/*
 * Claims 24 and 85: fail the k-th mmap(2), fork(2), pipe2(2), thread or allocation of a workload's
 * life, for each k until nothing fails any more. Each failure has its errno and a text, and leaves
 * nothing, whatever sort the workers are of.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "test_workload.h"

#define UNUSED_UID 987654 /* of whom there is no other process */

/*
 * The linker puts these in the place of the real ones (-Wl,--wrap). mmap64: what mmap is called
 * under _FILE_OFFSET_BITS=64, which Meson sets.
 */
pid_t __real_fork(void);
pid_t __wrap_fork(void);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);

enum fault { FAULT_FORK, FAULT_MMAP, FAULT_CALLOC, FAULT_PIPE, FAULT_THREAD };

static enum fault fault;
static unsigned calls_left; /* 0: none is to fail */
static bool *struck;	    /* shared: it may happen in the process of a container */

static bool strikes(enum fault here)
{
	if (here != fault || !calls_left || --calls_left)
		return false;
	*struck = true;
	return true;
}

pid_t __wrap_fork(void)
{
	if (strikes(FAULT_FORK)) {
		errno = EAGAIN;
		return -1;
	}
	return __real_fork();
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

int __wrap_pipe2(int ends[2], int flags)
{
	if (strikes(FAULT_PIPE)) {
		errno = EMFILE;
		return -1;
	}
	return __real_pipe2(ends, flags);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument)
{
	return strikes(FAULT_THREAD) ? EAGAIN
				     : __real_pthread_create(thread, attributes, start, argument);
}

static enum work_next sample_and_sleep(struct ktstr_worker *worker)
{
	uint64_t asleep_ns;

	worker->work_units++;
	reservoir_offer(&worker->wake_latencies, 1); /* an array to allocate at collect */
	worker_sleep(worker, NS_PER_MS, &asleep_ns);
	return WORK_NEXT;
}

static unsigned in_pairs(const void *params)
{
	(void)params;
	return 2;
}

static void want_pipes(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	*ret_plumbing =
		(struct work_plumbing){ .shared_bytes = 64, .buffer_bytes = 64, .pipes = 2 };
}

/* Work with everything that a spawn can make. */
static const struct ktstr_work_ops pairs = {
	.name = "pairs", .iterate = sample_and_sleep, .group_size = in_pairs, .plumbing = want_pipes
};

static int live(enum ktstr_clone_mode mode, struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const struct ktstr_work_spec alone = { .workers = 1, .work = TEST_WORK(sample_and_sleep) };
	int err = ktstr_workload_spawn(&(struct ktstr_workload_config){ .num_workers = 4,
									.work = { .ops = &pairs },
									.clone_mode = mode,
									.composed = &alone,
									.num_composed = 1 },
				       &workload, error);

	if (err) {
		assert_null(workload);
		return err;
	}
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	err = ktstr_workload_stop_and_collect(&workload, &reports, error);
	assert_null(workload);
	assert_int_equal(!err, reports != NULL);
	return err;
}

static const struct {
	enum ktstr_clone_mode mode;
	enum fault fault;
	int code;
	const char *says;
	unsigned at_least; /* so many calls can fail */
} rows[] = {
	{ KTSTR_CLONE_FORK, FAULT_FORK, -EAGAIN, "): fork: ", 5 },
	{ KTSTR_CLONE_FORK, FAULT_MMAP, -ENOMEM, "map ", 2 },
	{ KTSTR_CLONE_FORK, FAULT_CALLOC, -ENOMEM, "no memory for ", 4 + 5 },
	{ KTSTR_CLONE_FORK, FAULT_PIPE, -EMFILE, "pipes for the workers of a cohort", 4 },
	{ KTSTR_CLONE_THREAD, FAULT_MMAP, -ENOMEM, "map ", 2 + 5 },
	{ KTSTR_CLONE_THREAD, FAULT_CALLOC, -ENOMEM, "no memory for ", 4 + 5 },
	{ KTSTR_CLONE_THREAD, FAULT_PIPE, -EMFILE, "pipes for the workers of a cohort", 4 },
	{ KTSTR_CLONE_THREAD, FAULT_THREAD, -EAGAIN, "): create a thread: ", 5 },
};

static void every_failing_call_is_survived(void **state)
{
	struct leftovers before = leftovers_count();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned nth = 1;

		for (;; nth++) {
			struct ktstr_error error = { 0 };
			int err;

			fault = rows[i].fault;
			calls_left = nth;
			*struck = false;
			err = live(rows[i].mode, &error);
			calls_left = 0;
			assert_nothing_left(before);
			if (!*struck) {
				assert_int_equal(err, 0);
				break;
			}
			assert_int_equal(err, rows[i].code);
			assert_int_equal(error.code, rows[i].code);
			assert_contains(error.text, rows[i].says);
		}
		assert_true(nth > rows[i].at_least);
	}
}

/*
 * A container's life with the nth call failing, in this process or in its own: 0, and the reports;
 * or what the call that failed gave.
 */
static int live_in_container(enum fault kind, unsigned nth, struct ktstr_reports **ret_reports,
			     struct ktstr_error *error)
{
	const struct ktstr_work_spec works[] = {
		{ .workers = 4, .work = { .ops = &pairs } },
		{ .workers = 1, .work = TEST_WORK(sample_and_sleep) },
	};
	const struct ktstr_pcomm_config config = { .pcomm = "faulty",
						   .works = works,
						   .num_works = COUNT(works) };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	int err;

	fault = kind;
	calls_left = nth;
	*struck = false;
	err = ktstr_workload_spawn_pcomm(&config, &workload, error);
	if (!err) {
		ktstr_workload_start(workload);
		err = ktstr_workload_stop_and_collect(&workload, ret_reports, error);
	}
	calls_left = 0;
	assert_null(workload);
	return err;
}

/* All have reported, or the process that should have hosted them has exited with 1. */
static void assert_all_or_none(const struct ktstr_reports *reports)
{
	assert_int_equal(reports->count, 5);
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_int_equal(report->group_index, i < 4 ? 0 : 1);
		assert_int_equal(report->completed, !*struck);
		if (!*struck)
			continue;
		assert_int_equal(report->exit_info.kind, KTSTR_EXIT_EXITED);
		assert_int_equal(report->exit_info.code, 1);
	}
}

/* Claim 85 for containers, at every step on either side of the fork. */
static void container_survives_every_failing_call(void **state)
{
	static const struct {
		enum fault fault;
		int code;
		unsigned at_least; /* in both processes together */
	} kinds[] = {
		{ FAULT_FORK, -EAGAIN, 1 },	  { FAULT_MMAP, -ENOMEM, 3 + 5 + 4 },
		{ FAULT_CALLOC, -ENOMEM, 4 + 2 }, { FAULT_PIPE, -EMFILE, 4 },
		{ FAULT_THREAD, -EAGAIN, 5 },
	};
	struct leftovers before = leftovers_count();

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		unsigned nth = 0;

		do {
			struct ktstr_reports *reports = NULL;
			struct ktstr_error error = { 0 };
			int err = live_in_container(kinds[i].fault, ++nth, &reports, &error);

			if (err) {
				assert_true(*struck);
				assert_int_equal(err, kinds[i].code);
				assert_true(strlen(error.text) > 10);
			} else {
				assert_all_or_none(reports);
			}
			ktstr_reports_free(reports);
			assert_nothing_left(before);
		} while (*struck);
		assert_true(nth > kinds[i].at_least);
	}
}

/* Claim 85: the kernel says no. Cohorts of processes need their pipes for a moment, those of
 * threads as long as they live. */
static void spawn_survives_the_descriptor_limit(void **state)
{
	const struct ktstr_workload_config configs[] = {
		{ .num_workers = 8, .work = KTSTR_WORK(pipe_io), .clone_mode = KTSTR_CLONE_THREAD },
		{ .num_workers = 10, .work = KTSTR_WORK(wake_chain, .depth = 10) },
	};
	struct leftovers before = leftovers_count();

	(void)state;
	for (size_t i = 0; i < COUNT(configs); i++) {
		struct ktstr_workload *workload = NULL;
		struct ktstr_error error = { 0 };
		struct rlimit limit, few;
		int lowest = dup(STDERR_FILENO), err;

		assert_true(lowest >= 0);
		close(lowest);
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
		few = limit;
		few.rlim_cur = (rlim_t)lowest + 6;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		err = ktstr_workload_spawn(&configs[i], &workload, &error);
		setrlimit(RLIMIT_NOFILE, &limit);
		assert_int_equal(err, -EMFILE);
		assert_null(workload);
		assert_contains(error.text, "ulimit -n");
		assert_nothing_left(before);
	}
}

/* Not as root: RLIMIT_NPROC does not bind it. 5 processes of this user: itself and 4 workers. */
static int exceed_the_process_limit(void)
{
	const struct rlimit limit = { .rlim_cur = 5, .rlim_max = 5 };
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	if ((!geteuid() && setresuid(UNUSED_UID, UNUSED_UID, UNUSED_UID)) ||
	    setrlimit(RLIMIT_NPROC, &limit))
		return 2;
	if (ktstr_workload_spawn(&(struct ktstr_workload_config){ .num_workers = 100 }, &workload,
				 &error) != -EAGAIN)
		return 3;
	if (!strstr(error.text, " of 100 (group 0): fork: "))
		return 4;
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 5;
}

/* The kernel says no, not a wrapper. */
static void spawn_survives_the_process_limit(void **state)
{
	pid_t child = __real_fork();
	int status;

	(void)state;
	if (!child)
		_exit(exceed_the_process_limit());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(WIFEXITED(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failing_call_is_survived),
		cmocka_unit_test(container_survives_every_failing_call),
		cmocka_unit_test(spawn_survives_the_descriptor_limit),
		cmocka_unit_test(spawn_survives_the_process_limit),
	};

	struck = __real_mmap64(NULL, sizeof(*struck), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (struck == MAP_FAILED)
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
