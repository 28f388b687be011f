// SPDX-License-Identifier: GPL-2.0-only
/* The pool with runs that are told when to end, instead of VMs. */
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/pool.h"

#include "unit.h"

#define RUNS_MAX 64
#define LIMIT_S 10

/* What happened, in the order in which it did, as the caller's thread saw it: "+0 +1 -1 +2 ...". */
struct story {
	char text[1024];
	size_t runs_begun[RUNS_MAX]; /* each written by its thread alone */
	sem_t may_end[RUNS_MAX];
	bool waits[RUNS_MAX]; /* its thread waits for may_end */
	int releases[RUNS_MAX]; /* the end of run i lets this run end; -1: none */
	unsigned ticks;
	int stop_fd;       /* stop, */
	size_t stop_after; /* when this run has ended */
	bool hears_stop;   /* the runs end then */
};

static void story_init(struct story *story)
{
	*story = (struct story){ .stop_fd = -1, .stop_after = RUNS_MAX };
	for (size_t i = 0; i < RUNS_MAX; i++) {
		assert_int_equal(sem_init(&story->may_end[i], 0, 0), 0);
		story->releases[i] = -1;
	}
}

static void tell(struct story *story, char what, size_t index)
{
	size_t used = strlen(story->text);

	snprintf(story->text + used, sizeof(story->text) - used, "%s%c%zu", used ? " " : "", what, index);
}

static void run(void *data, size_t index)
{
	struct story *story = data;
	struct timespec limit;

	story->runs_begun[index]++;
	if (story->waits[index] && story->hears_stop) {
		struct pollfd stop = { .fd = story->stop_fd, .events = POLLIN };

		poll(&stop, 1, LIMIT_S * 1000);
	} else if (story->waits[index]) {
		clock_gettime(CLOCK_REALTIME, &limit);
		limit.tv_sec += LIMIT_S;
		sem_timedwait(&story->may_end[index], &limit);
	}
}

static void started(void *data, size_t index)
{
	tell(data, '+', index);
}

static void ended(void *data, size_t index)
{
	struct story *story = data;

	tell(story, '-', index);
	if (story->releases[index] >= 0)
		sem_post(&story->may_end[story->releases[index]]);
	if (index == story->stop_after)
		eventfd_write(story->stop_fd, 1);
}

static void tick(void *data)
{
	struct story *story = data;

	if (++story->ticks == 3)
		sem_post(&story->may_end[0]);
}

static int play(struct story *story, size_t count, const struct admission_need *needs,
		struct admission_limits limits, unsigned tick_ms)
{
	const struct pool_config config = {
		.count = count, .needs = needs, .limits = limits, .stop_fd = story->stop_fd,
		.run = run, .started = started, .ended = ended, .tick = tick, .tick_ms = tick_ms,
		.data = story,
	};
	struct ktstr_error error = { 0 };
	int err = pool_run(&config, &error);

	for (size_t i = 0; i < RUNS_MAX; i++)
		sem_destroy(&story->may_end[i]);
	if (err)
		fail_msg("%s", error.text);
	return err;
}

static const struct admission_need small[RUNS_MAX] = { [0 ... RUNS_MAX - 1] = { 2, 100 } };

static void pool_run_with_one_slot_keeps_the_order(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	play(&story, 4, small, (struct admission_limits){ .slots = 1 }, 0);
	assert_string_equal(story.text, "+0 -0 +1 -1 +2 -2 +3 -3");
}

static void pool_run_goes_on_beside_one_that_hangs(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	story.waits[0] = true;
	story.releases[4] = 0;
	play(&story, 5, small, (struct admission_limits){ .slots = 2 }, 0);
	assert_string_equal(story.text, "+0 +1 -1 +2 -2 +3 -3 +4 -4 -0");
}

/* The hanging run and the large one together are too much: the small ones pass, then the large. */
static void pool_run_lets_small_ones_pass_a_large_one(void **state)
{
	static const struct admission_need needs[] = { { 2, 100 }, { 9, 100 }, { 2, 100 }, { 2, 100 } };
	struct story story;

	(void)state;
	story_init(&story);
	story.waits[0] = true;
	story.releases[3] = 0;
	play(&story, 4, needs, (struct admission_limits){ .slots = 4, .vcpus = 4 }, 0);
	assert_string_equal(story.text, "+0 +2 -2 +3 -3 -0 +1 -1");
}

static void pool_run_runs_everything_once(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	play(&story, RUNS_MAX, small, (struct admission_limits){ .slots = 8, .memory_mib = 450 }, 1);
	for (size_t i = 0; i < RUNS_MAX; i++)
		assert_int_equal(story.runs_begun[i], 1);
}

static void pool_run_of_nothing_returns(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	play(&story, 0, small, (struct admission_limits){ .slots = 8 }, 0);
	assert_string_equal(story.text, "");
}

static void pool_run_ticks_while_a_run_is_silent(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	story.waits[0] = true; /* the third tick ends it */
	play(&story, 1, small, (struct admission_limits){ .slots = 1 }, 1);
	assert_true(story.ticks >= 3);
}

static void pool_run_starts_nothing_once_stopped(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	story.stop_fd = eventfd(1, EFD_CLOEXEC);
	play(&story, 3, small, (struct admission_limits){ .slots = 2 }, 0);
	assert_string_equal(story.text, "");
	close(story.stop_fd);
}

/* Those that run hear the stop themselves, and the pool waits for them. */
static void pool_run_waits_for_those_that_run_when_stopped(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	story.stop_fd = eventfd(0, EFD_CLOEXEC);
	story.stop_after = 1;
	story.hears_stop = true;
	story.waits[0] = story.waits[2] = true;
	play(&story, 4, small, (struct admission_limits){ .slots = 2 }, 0);
	/* Whether 2 came to start depends on who was faster; 3 did not. */
	if (strcmp(story.text, "+0 +1 -1 -0") != 0 && strcmp(story.text, "+0 +1 -1 +2 -0 -2") != 0 &&
	    strcmp(story.text, "+0 +1 -1 +2 -2 -0") != 0)
		fail_msg("%s", story.text);
	close(story.stop_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pool_run_with_one_slot_keeps_the_order),
		cmocka_unit_test(pool_run_goes_on_beside_one_that_hangs),
		cmocka_unit_test(pool_run_lets_small_ones_pass_a_large_one),
		cmocka_unit_test(pool_run_runs_everything_once),
		cmocka_unit_test(pool_run_of_nothing_returns),
		cmocka_unit_test(pool_run_ticks_while_a_run_is_silent),
		cmocka_unit_test(pool_run_starts_nothing_once_stopped),
		cmocka_unit_test(pool_run_waits_for_those_that_run_when_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
