// SPDX-License-Identifier: GPL-2.0-only
/* Threads of real processes, described. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/processes.h"
#include "unit.h"

static void *sleep_on(void *data)
{
	/* A name made to be mistaken for the end of the name. */
	prctl(PR_SET_NAME, "b) R 1 (c");
	if (write(*(int *)data, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
	return NULL;
}

/* A child with two threads that sleep, once they do. */
static pid_t start_sleeper(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_return_code(pipe(ready), 0);
	pid = fork();
	assert_return_code(pid, 0);
	if (pid == 0) {
		pthread_t thread;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "sleeper");
		if (pthread_create(&thread, NULL, sleep_on, &ready[1]))
			_exit(1);
		sleep_on(&ready[1]);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static char *describe(pid_t pid, unsigned lines, unsigned *ret_count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	*ret_count = processes_describe(pid, lines, out);
	fclose(out);
	return text;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void processes_describe_tells_each_thread(void **state)
{
	auto_free char *text = NULL;
	pid_t pid = start_sleeper();
	unsigned count;
	char first[64];

	(void)state;
	/* They tell that they are ready a moment before they sleep. */
	for (int i = 0; i < 1000 && !(text && strstr(text, " sleeps,")); i++) {
		free(text);
		usleep(1000);
		text = describe(pid, 10, &count);
	}
	end(pid);
	assert_int_equal(count, 2);
	snprintf(first, sizeof(first), "%d (b) R 1 (c) ", pid);
	assert_ptr_equal(strstr(text, first), text);
	assert_contains(text, " sleeps, cpu ");
	assert_contains(text, " ms, waited ");
	snprintf(first, sizeof(first), "\n%d/", pid);
	assert_contains(text, first);
}

static void processes_describe_keeps_to_its_lines(void **state)
{
	auto_free char *text = NULL;
	pid_t pid = start_sleeper();
	unsigned count;

	(void)state;
	text = describe(pid, 1, &count);
	end(pid);
	assert_int_equal(count, 2);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void processes_describe_of_nobody_is_empty(void **state)
{
	auto_free char *text = NULL;
	pid_t pid = start_sleeper();
	unsigned count;

	(void)state;
	end(pid);
	text = describe(pid, 10, &count);
	assert_int_equal(count, 0);
	assert_string_equal(text, "");
}

static void processes_text_leaves_out_kernel_and_caller(void **state)
{
	auto_free char *text = processes_text();
	char own[32];

	(void)state;
	assert_non_null(text);
	snprintf(own, sizeof(own), "%d (", getpid());
	assert_true(strncmp(text, own, strlen(own)) != 0);
	assert_null(strstr(text, "(kthreadd)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_describe_tells_each_thread),
		cmocka_unit_test(processes_describe_keeps_to_its_lines),
		cmocka_unit_test(processes_describe_of_nobody_is_empty),
		cmocka_unit_test(processes_text_leaves_out_kernel_and_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
