// SPDX-License-Identifier: GPL-2.0-only
/* Writes with a deadline; the one of the programs with threads, for the thread sanitizer too. */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cgroup/write_deadline.h"
#include "fake_tree.h"

static int open_root(const struct fake_tree *tree)
{
	int fd = open(tree->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void write_deadline_gives_the_errno_of_the_failure(void **state)
{
	struct fake_tree *tree = *state;
	int dirfd = open_root(tree);

	tree_mkdir(tree, "folder");
	assert_int_equal(write_deadline(dirfd, "gone", "x", 1000), -ENOENT);
	assert_int_equal(write_deadline(dirfd, "folder", "x", 1000), -EISDIR);
	assert_int_equal(write_deadline(-1, "gone", "x", 1000), -EBADF);
	close(dirfd);
}

static void write_deadline_says_when_descriptors_ran_out(void **state)
{
	struct fake_tree *tree = *state;
	struct rlimit before, full;
	int dirfd = open_root(tree), err;

	tree_write(tree, "file", "");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	full = before;
	full.rlim_cur = (rlim_t)dirfd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
	err = write_deadline(dirfd, "file", "x", 1000);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(err, -EMFILE);
	close(dirfd);
}

/* Opening a FIFO for writing blocks until somebody reads. */
static void write_deadline_leaves_a_blocked_write_behind(void **state)
{
	struct fake_tree *tree = *state;
	uint64_t before_ns = clock_now_ns();
	int dirfd = open_root(tree), reader;
	char got[8] = "";

	assert_int_equal(mkfifo(tree_path(tree, "fifo"), 0600), 0);
	assert_int_equal(write_deadline(dirfd, "fifo", "late", 20), -ETIMEDOUT);
	assert_true(clock_now_ns() - before_ns >= 20 * NS_PER_MS);
	close(dirfd); /* the writer has its own */
	reader = open(tree_path(tree, "fifo"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(reader, got, sizeof(got)), 4);
	assert_int_equal(read(reader, got, sizeof(got)), 0);
	close(reader);
}

struct many {
	int dirfd;
	char file[8];
	int failures;
};

static void *write_many(void *data)
{
	struct many *many = data;

	for (int i = 0; i < 50; i++)
		many->failures += write_deadline(many->dirfd, many->file, "text", 5000) != 0;
	return NULL;
}

static void write_deadline_may_be_called_by_several_threads(void **state)
{
	struct fake_tree *tree = *state;
	int dirfd = open_root(tree);
	struct many many[4];
	pthread_t threads[COUNT(many)];

	for (size_t i = 0; i < COUNT(many); i++) {
		many[i] = (struct many){ .dirfd = dirfd };
		snprintf(many[i].file, sizeof(many[i].file), "file%zu", i);
		tree_write(tree, many[i].file, "");
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, &many[i]), 0);
	}
	for (size_t i = 0; i < COUNT(many); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(many[i].failures, 0);
		assert_string_equal(tree_read(tree, many[i].file), "text");
	}
	close(dirfd);
}

#define on_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_setup, fake_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_tree(write_deadline_gives_the_errno_of_the_failure),
		on_tree(write_deadline_says_when_descriptors_ran_out),
		on_tree(write_deadline_leaves_a_blocked_write_behind),
		on_tree(write_deadline_may_be_called_by_several_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
