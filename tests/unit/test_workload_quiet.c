// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a worker does between start and stop allocates nothing, takes no lock of ours and prints
 * nothing: every kind is run with these calls watched while its iterations are under way.
 */
#include <pthread.h>
#include <stdarg.h>
#include <sys/mman.h>

#include "workload/work_names.h"

#include "test_workload.h"

#define HOLD_MS 30

/* The linker puts these in the place of the real ones wherever the engine calls them. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __real_free(void *memory);
void __wrap_free(void *memory);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_fprintf(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_dprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

static _Thread_local const struct ktstr_worker *under_way; /* the worker whose pass this is */
static struct told {
	_Atomic unsigned calls, begun; /* passes that have */
	char name[32];		       /* of one that was made */
} * told;

static void note(const char *name)
{
	/* Once it is to stop, nothing is measured any more: benchmarks end their threads then. */
	if (!under_way || worker_stopping(under_way))
		return;
	atomic_fetch_add(&told->calls, 1);
	snprintf(told->name, sizeof(told->name), "%s", name);
}

void *__wrap_malloc(size_t size)
{
	note("malloc");
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	note("calloc");
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	note("realloc");
	return __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
	note("free");
	__real_free(memory);
}

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	note("mmap");
	return __real_mmap64(address, size, protection, flags, fd, offset);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	note("pthread_mutex_lock");
	return __real_pthread_mutex_lock(mutex);
}

int __wrap_fprintf(FILE *stream, const char *format, ...)
{
	va_list arguments;
	int length;

	note("fprintf");
	va_start(arguments, format);
	length = vfprintf(stream, format, arguments);
	va_end(arguments);
	return length;
}

int __wrap_dprintf(int fd, const char *format, ...)
{
	va_list arguments;
	int length;

	note("dprintf");
	va_start(arguments, format);
	length = vdprintf(fd, format, arguments);
	va_end(arguments);
	return length;
}

/* A row that is another's but for what is done around its passes. */
struct watched {
	struct ktstr_work_ops ops; /* first: this is how a worker's row leads here */
	const struct ktstr_work_ops *kind;
};

static enum work_next watch(struct ktstr_worker *worker)
{
	const struct watched *watched = (const struct watched *)worker->plan->group->ops;
	enum work_next next;

	atomic_fetch_add(&told->begun, 1);
	under_way = worker;
	next = watched->kind->iterate(worker);
	/* What comes between two passes belongs to the loop as well: publishing, another phase. */
	if (next == WORK_END)
		under_way = NULL;
	return next;
}

static const struct ktstr_phase phases[] = { KTSTR_PHASE_SPIN(1), KTSTR_PHASE_SLEEP(1),
					     KTSTR_PHASE_YIELD(1), KTSTR_PHASE_IO(1),
					     KTSTR_PHASE_ALU_HOT(KTSTR_ALU_WIDEST, 1) };

/* Kinds that would do nothing at their defaults, or too much. */
static const void *params_of(const struct ktstr_work_ops *kind)
{
	static const struct ktstr_work_sequence_params sequence = { .phases = { phases,
										COUNT(phases) } };
	static const struct ktstr_work_cgroup_attach_storm_params storm = { .dest = "none" };
	static const struct ktstr_work_cgroup_churn_params churn = { .cycle_ms = 1,
								     .parent = "/nonexistent" };
	static const struct ktstr_work_taobench_params tao = { .client_threads = 1,
							       .cache_capacity_mib = 1 };

	if (kind == &ktstr_work_sequence)
		return &sequence;
	if (kind == &ktstr_work_cgroup_attach_storm)
		return &storm;
	if (kind == &ktstr_work_cgroup_churn)
		return &churn;
	return kind == &ktstr_work_taobench ? &tao : NULL;
}

static void assert_quiet(const struct ktstr_work_ops *kind, bool threads)
{
	struct watched watched = { .ops = *kind, .kind = kind };
	struct ktstr_work work = { .ops = &watched.ops, .params = params_of(kind) };
	unsigned size = ktstr_work_group_size(&work);
	struct ktstr_workload *workload;
	uint64_t deadline_ns;

	watched.ops.iterate = watch;
	atomic_store(&told->calls, 0);
	atomic_store(&told->begun, 0);
	workload = spawn(&(struct ktstr_workload_config){
		.num_workers = size ? size : 1,
		.work = work,
		.uid = KTSTR_SOME(NOBODY),
		.max_phases = 3,
		.clone_mode = threads ? KTSTR_CLONE_THREAD : KTSTR_CLONE_FORK });
	ktstr_workload_start(workload);
	deadline_ns = clock_deadline_ms(PATIENCE_MS);
	while (atomic_load(&told->begun) < (size ? size : 1)) {
		assert_true(clock_now_ns() < deadline_ns);
		hold(1);
	}
	ktstr_workload_set_phase(workload, 1);
	hold(HOLD_MS);
	ktstr_reports_free(collect(&workload));
	if (atomic_load(&told->calls))
		fail_msg("%s: %u calls, %s among them", kind->name, atomic_load(&told->calls),
			 told->name);
}

static void iterations_allocate_lock_and_print_nothing(void **state)
{
	(void)state;
	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++) {
		if (!(*kind)->iterate)
			continue; /* the user's own */
		print_message("row: %s\n", (*kind)->name);
		assert_quiet(*kind, (*kind)->not_as_process != NULL);
	}
}

static enum work_next allocate(struct ktstr_worker *worker)
{
	void *volatile memory = calloc(1, 1); /* else the compiler leaves it out */

	(void)worker;
	free(memory);
	return WORK_END;
}

/* The watch sees what it is to see. */
static void watch_notices_an_allocation(void **state)
{
	static const struct ktstr_work_ops kind = { .name = "loud", .iterate = allocate };
	struct watched watched = { .ops = kind, .kind = &kind };
	struct work_group group = { .ops = &watched.ops };
	struct worker_slot slot = { 0 };
	_Atomic int signalled = 0;
	struct worker_plan plan = { .group = &group, .slot = &slot };
	struct ktstr_worker *worker = calloc(1, sizeof(*worker));

	(void)state;
	assert_non_null(worker);
	worker->plan = &plan;
	worker->signalled = &signalled;
	atomic_store(&told->calls, 0);
	watch(worker);
	assert_int_equal(atomic_load(&told->calls), 2);
	free(worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(watch_notices_an_allocation),
		cmocka_unit_test(iterations_allocate_lock_and_print_nothing),
	};

	told = __real_mmap64(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
