// SPDX-License-Identifier: GPL-2.0-only
/* Who reads numa_maps, and who takes what another has read. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"
#include "workload/process_pages.h"

#define TOUCHED_BYTES (16u << 20)

static uint64_t pages[NUMA_NODES_MAX];

static uint64_t read_sum(struct process_pages *process)
{
	uint64_t sum = 0;

	process_pages_read(process, pages);
	for (unsigned node = 0; node < NUMA_NODES_MAX; node++)
		sum += pages[node];
	return sum;
}

static void process_pages_read_sees_what_was_touched_before(void **state)
{
	struct process_pages process = { .lock = PTHREAD_MUTEX_INITIALIZER };
	uint64_t before, after;
	char *memory;

	(void)state;
	if (access("/proc/self/numa_maps", R_OK) < 0)
		skip_because("needs /proc/PID/numa_maps");
	before = read_sum(&process);
	memory = mmap(NULL, TOUCHED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	/* numa_maps counts a huge page as one. */
	madvise(memory, TOUCHED_BYTES, MADV_NOHUGEPAGE);
	memset(memory, 1, TOUCHED_BYTES);
	after = read_sum(&process);
	assert_true(before > 0);
	assert_in_range(after - before, TOUCHED_BYTES / 4096, TOUCHED_BYTES / 4096 + 1000);
	munmap(memory, TOUCHED_BYTES);
	assert_in_range(read_sum(&process), before, before + 1000);
}

/* As another thread leaves it that began to read while this one waited. */
static void process_pages_read_takes_a_reading_begun_since(void **state)
{
	struct process_pages process = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.begun_ns = clock_now_ns() + 3600 * NS_PER_S,
		.pages = { [3] = 7 },
	};

	(void)state;
	pages[0] = 1;
	assert_int_equal(read_sum(&process), 7);
	assert_int_equal(pages[3], 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_pages_read_sees_what_was_touched_before),
		cmocka_unit_test(process_pages_read_takes_a_reading_begun_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
