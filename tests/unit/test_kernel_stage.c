// SPDX-License-Identifier: GPL-2.0-only
/* The store under processes that run at once, or are killed at any moment. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/stage.h"
#include "base/tree.h"
#include "kernel_fixture.h"
#include "unit.h"
#include "vm/kernel/add.h"
#include "vm/kernel/store.h"

#define KILLS 30

/* Large enough that reading, unpacking and writing it take some milliseconds to be killed in. */
#define FILLER_BYTES (2U << 20)

static void write_image(const char *dir, const char *release)
{
	size_t btf_size, size;
	char *btf = fixture_btf(false, &btf_size);
	struct fixture_kernel kernel = {
		.release = release,
		.btf = btf,
		.btf_size = btf_size,
		.filler_bytes = FILLER_BYTES,
	};
	char *image = fixture_bzimage(&kernel, "zstd", &size);

	fixture_write(dir, "bzImage", image, size);
	free(image);
	free(btf);
}

/* What a failing assertion would leave running; the teardown ends it. */
static pid_t started[4];

static int end_children_and_teardown(void **state)
{
	for (size_t i = 0; i < COUNT(started); i++) {
		if (started[i] > 0 && !kill(started[i], SIGKILL))
			waitpid(started[i], NULL, 0);
		started[i] = 0;
	}
	return fixture_teardown(state);
}

/* A process that adds the image count times; its exit code is 0 when all of them worked. */
static pid_t start_adding(const char *image, int count)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (int i = 0; i < count; i++)
		if (kernel_add_path(image, NULL, NULL))
			_exit(1);
	_exit(0);
}

/* Members of the store's folder whose name begins with prefix. */
static unsigned count_members(const char *cache, const char *prefix)
{
	char path[512];
	struct dirent *member;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/ktstr/kernels", cache);
	dir = opendir(path);
	assert_non_null(dir);
	while ((member = readdir(dir)))
		count += !strncmp(member->d_name, prefix, strlen(prefix));
	closedir(dir);
	return count;
}

static void assert_no_half_entry(const char *release, size_t at_most)
{
	struct kernel_list list;

	assert_int_equal(kernel_store_list(&list, NULL), 0);
	assert_true(list.count <= at_most);
	for (size_t i = 0; i < list.count; i++) {
		if (!list.items[i].entry)
			fail_msg("half an entry: %s", list.items[i].damage.text);
		assert_string_equal(list.items[i].ref, release);
	}
	kernel_list_release(&list);
}

/* Waits on the process for at most this long; true when it has ended by itself. */
static bool ends_within(pid_t pid, uint64_t ns)
{
	struct pollfd pollfd = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	struct timespec limit = clock_timespec(ns);
	int ready = ppoll(&pollfd, 1, &limit, NULL);

	close(pollfd.fd);
	return ready > 0;
}

static void kernel_add_path_killed_anywhere_leaves_no_half_entry(void **state)
{
	unsigned killed_in_time = 0, noise = 12345;
	char image[512];
	uint64_t whole_ns;

	snprintf(image, sizeof(image), "%s/bzImage", (char *)*state);
	write_image(*state, "6.12.1");
	whole_ns = clock_now_ns();
	assert_int_equal(kernel_add_path(image, NULL, NULL), 0);
	whole_ns = clock_now_ns() - whole_ns;
	for (int i = 0; i < KILLS; i++) {
		pid_t pid = started[0] = start_adding(image, 1);
		int status;

		noise = noise * 1664525 + 1013904223;
		if (!ends_within(pid, whole_ns * (noise >> 16) / 65536))
			kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		started[0] = 0;
		killed_in_time += WIFSIGNALED(status);
		assert_no_half_entry("6.12.1", 1);
	}
	assert_true(killed_in_time >= KILLS / 4); /* else nothing was tested; usually 20 to 30 */
	assert_int_equal(kernel_add_path(image, NULL, NULL), 0);
	assert_no_half_entry("6.12.1", 1);
	assert_int_equal(count_members(*state, ".stage-"), 0);
}

static void kernel_add_path_at_once_leaves_one_whole_entry(void **state)
{
	char image[512];
	unsigned ended = 0;

	snprintf(image, sizeof(image), "%s/bzImage", (char *)*state);
	write_image(*state, "6.12.1");
	for (size_t i = 0; i < COUNT(started); i++)
		started[i] = start_adding(image, 5);
	while (ended < COUNT(started)) { /* a reader sees no half entry while they work */
		pid_t pid;
		int status;

		assert_no_half_entry("6.12.1", 1);
		pid = waitpid(-1, &status, WNOHANG);
		if (!pid)
			continue;
		for (size_t i = 0; i < COUNT(started); i++)
			started[i] = started[i] == pid ? 0 : started[i];
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		ended++;
	}
	assert_no_half_entry("6.12.1", 1);
	assert_int_equal(count_members(*state, "6."), 1);
	assert_int_equal(count_members(*state, ".stage-"), 0);
}

/* The pid in the name is ours and alive: still, nobody holds this stage, so it is a dead one. */
static void stage_open_sweeps_dead_stages_only(void **state)
{
	struct stage *alive = NULL, *next = NULL;
	char name[64];
	int root = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(stage_open(root, &alive, NULL), 0);
	assert_int_equal(tree_write(stage_fd(alive), "file", "x", 1, NULL), 0);
	snprintf(name, sizeof(name), ".stage-%d-77", getpid());
	assert_int_equal(tree_make(root, name, NULL), 0);
	assert_int_equal(stage_open(root, &next, NULL), 0);
	assert_int_not_equal(faccessat(root, name, F_OK, 0), 0);
	assert_int_equal(faccessat(stage_fd(alive), "file", F_OK, 0), 0);
	assert_int_equal(stage_publish(&alive, "6.1", NULL), 0);
	assert_null(alive);
	assert_int_equal(faccessat(root, "6.1/file", F_OK, 0), 0);
	stage_free(next);
	close(root);
}

static void lock_take_names_the_holder_at_its_deadline(void **state)
{
	struct ktstr_error error = { 0 };
	char holder[64];
	int root = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int first = -1, second = -1;

	snprintf(holder, sizeof(holder), "held by pid %d (fetching sid)", getpid());
	assert_int_equal(
		lock_take(root, "lock", "fetching sid", clock_deadline_ms(0), &first, NULL), 0);
	assert_int_equal(lock_take(root, "lock", "other", clock_deadline_ms(30), &second, &error),
			 -EBUSY);
	assert_contains(error.text, holder);
	close(first);
	assert_int_equal(lock_take(root, "lock", "other", clock_deadline_ms(0), &second, NULL), 0);
	close(second);
	close(root);
}

/* A holder that dies, however, gives the lock back to one who waits. */
static void lock_take_gets_the_lock_of_a_killed_holder(void **state)
{
	int root = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ready[2], lock = -1;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		int mine;

		if (lock_take(root, "lock", "child", clock_deadline_ms(1000), &mine, NULL) ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(lock_take(root, "lock", "parent", clock_deadline_ms(5000), &lock, NULL),
			 0);
	waitpid(pid, NULL, 0);
	close(lock);
	close(ready[0]);
	close(ready[1]);
	close(root);
}

static void tree_remove_follows_no_link(void **state)
{
	int root = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	fixture_write(*state, "kept/file", "x", 1);
	fixture_write(*state, "gone/deep/file", "x", 1);
	assert_int_equal(symlinkat("../kept", root, "gone/link"), 0);
	assert_int_equal(tree_remove(root, "gone", NULL), 0);
	assert_int_not_equal(faccessat(root, "gone", F_OK, 0), 0);
	assert_int_equal(symlinkat("kept", root, "link"), 0);
	assert_int_equal(tree_remove(root, "link", NULL), 0);
	assert_int_equal(faccessat(root, "kept/file", F_OK, 0), 0);
	assert_int_equal(tree_remove(root, "absent", NULL), 0);
	close(root);
}

#define IN_FOLDER(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, fixture_setup, end_children_and_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(kernel_add_path_killed_anywhere_leaves_no_half_entry),
		IN_FOLDER(kernel_add_path_at_once_leaves_one_whole_entry),
		IN_FOLDER(stage_open_sweeps_dead_stages_only),
		IN_FOLDER(lock_take_names_the_holder_at_its_deadline),
		IN_FOLDER(lock_take_gets_the_lock_of_a_killed_holder),
		IN_FOLDER(tree_remove_follows_no_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
