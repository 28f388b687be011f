// SPDX-License-Identifier: GPL-2.0-only
/* Runs of real programs: arguments, output, how they end, and that nothing is left. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "payload_fixture.h"

/* As tests declare them: every list is a constant at file scope. */
static const struct ktstr_payload echo = {
	.name = "echo",
	.args = KTSTR_ARGS("a", "b"),
	.output = KTSTR_OUTPUT_REGEX({ "x", "x=([0-9]+)" }),
	.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0)),
	.hints = KTSTR_METRIC_HINTS({ .metric = "x", .unit = "s" }),
	.include_files = KTSTR_FILES("a"),
	.known_flags = KTSTR_FLAGS("--x"),
};

/* A ceiling for what takes milliseconds on an idle machine. */
#define SOON_MS 20000

static struct ktstr_payload_run *spawn(const struct ktstr_payload *payload,
				       const struct ktstr_payload_options *options)
{
	struct ktstr_payload_run *run = NULL;
	struct ktstr_error error = { 0 };

	if (payload_spawn(&fixture.env, payload, options, &run, &error))
		fail_msg("%s", error.text);
	return run;
}

static void refuse(const struct ktstr_payload *payload, const struct ktstr_payload_options *options,
		   int code, const char *part)
{
	struct ktstr_payload_run *run = NULL;
	struct ktstr_error error = { 0 };

	assert_int_equal(payload_spawn(&fixture.env, payload, options, &run, &error), code);
	assert_null(run);
	assert_contains(error.text, part);
	/* Nobody is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static bool is_alive(pid_t pid)
{
	return !kill(pid, 0);
}

/* Give a killed orphan the time to be reaped by whoever adopts it. */
static bool dies_soon(pid_t pid)
{
	uint64_t deadline_ns = clock_deadline_ms(SOON_MS);

	while (is_alive(pid)) {
		char path[64], state = '?';
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		file = fopen(path, "re");
		if (!file)
			return true;
		if (fscanf(file, "%*d %*s %c", &state) != 1)
			state = '?';
		fclose(file);
		if (state == 'Z' || state == 'X')
			return true;
		if (clock_now_ns() >= deadline_ns)
			return false;
		usleep(1000);
	}
	return true;
}

/* Whether a folder whose end a payload announces itself by is removed. */
static bool goes_soon(const char *folder)
{
	uint64_t deadline_ns = clock_deadline_ms(SOON_MS);

	while (!access(folder, F_OK)) {
		if (clock_now_ns() >= deadline_ns)
			return false;
		usleep(1000);
	}
	return true;
}

static void run_puts_default_args_first(void **state)
{
	struct ktstr_payload_result *result;

	(void)state;
	result = fixture_run(&echo,
			     &(struct ktstr_payload_options){ .args = KTSTR_ARGS("c", "d") });
	assert_string_equal(result->out, "a b c d\n");
	assert_int_equal(result->exit_code, 0);
	ktstr_payload_result_free(result);
	result = fixture_run(&echo, NULL);
	assert_string_equal(result->out, "a b\n");
	ktstr_payload_result_free(result);
}

static void run_clear_args_drops_the_payloads(void **state)
{
	struct ktstr_payload_result *result;

	(void)state;
	result = fixture_run(&echo, &(struct ktstr_payload_options){ .args = KTSTR_ARGS("c"),
								     .clear_args = true });
	assert_string_equal(result->out, "c\n");
	ktstr_payload_result_free(result);
}

static void run_takes_streams_and_exit_code(void **state)
{
	const struct ktstr_payload payload = SHELL("echo out; echo err >&2; exit 3");
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_string_equal(result->out, "out\n");
	assert_string_equal(result->err, "err\n");
	assert_int_equal(result->exit_code, 3);
	assert_int_equal(result->signal, 0);
	assert_int_equal(result->num_metrics, 0);
	ktstr_payload_result_free(result);
	assert_int_equal(fixture.records, 1);
}

static void run_tells_a_signal(void **state)
{
	const struct ktstr_payload payload = SHELL("kill -SEGV $$");
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_int_equal(result->exit_code, -1);
	assert_int_equal(result->signal, SIGSEGV);
	assert_false(result->timed_out);
	ktstr_payload_result_free(result);
}

static void run_numbers_runs(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("true");

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct ktstr_payload_result *result = fixture_run(&payload, NULL);

		assert_int_equal(result->index, i);
		assert_int_equal(fixture.last_index, i);
		ktstr_payload_result_free(result);
	}
	assert_int_equal(fixture.records, 3);
}

/* Many times what a pipe holds, on both streams, without anybody waiting for it meanwhile. */
static void spawn_drains_more_than_a_pipe_holds(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"head -c 3000000 /dev/zero; head -c 1000000 /dev/zero >&2");
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	struct ktstr_payload_result *result;
	uint64_t deadline_ns = clock_deadline_ms(SOON_MS);
	int err;

	(void)state;
	do
		err = ktstr_payload_try_wait(run, &result, NULL);
	while (err == -EAGAIN && clock_now_ns() < deadline_ns && !usleep(1000));
	assert_int_equal(err, 0);
	assert_int_equal(result->out_size, 3000000);
	assert_int_equal(result->err_size, 1000000);
	/* Zeroes become spaces, so that texts are texts. */
	assert_int_equal(strlen(result->out), 3000000);
	assert_int_equal(result->discarded_bytes, 0);
	ktstr_payload_result_free(result);
	ktstr_payload_free(run);
}

static void run_discards_what_is_too_much(void **state)
{
	const struct ktstr_payload payload = SHELL("head -c 16777316 /dev/zero | tr '\\0' x");
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_int_equal(result->out_size, KTSTR_PAYLOAD_OUTPUT_MAX);
	assert_int_equal(result->discarded_bytes, 100);
	assert_contains(fixture.notes, "payload 'p': 100 bytes of its output were discarded");
	ktstr_payload_result_free(result);
}

static void run_replaces_what_is_no_utf8(void **state)
{
	const struct ktstr_payload payload = SHELL("printf 'a\\377b\\000c\\303\\244'");
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_string_equal(result->out, "a?b c\303\244");
	assert_int_equal(result->out_size, 7);
	ktstr_payload_result_free(result);
}

static void run_timeout_kills_the_group_and_keeps_metrics(void **state)
{
	const struct ktstr_payload payload = SHELL("sleep 1000 & echo '{\"child\":' $! '}'; wait",
						   .output = KTSTR_OUTPUT_JSON);
	struct ktstr_payload_result *result = fixture_run(
		&payload, &(struct ktstr_payload_options){ .timeout_ms = 2000 });
	const struct ktstr_metric *child = ktstr_payload_result_metric(result, "child");

	(void)state;
	assert_true(result->timed_out);
	assert_int_equal(result->exit_code, -1);
	assert_int_equal(result->signal, SIGKILL);
	assert_non_null(child);
	assert_true(dies_soon((pid_t)child->value));
	ktstr_payload_result_free(result);
}

static void wait_kills_what_the_leader_leaves(void **state)
{
	const struct ktstr_payload payload = SHELL("sleep 1000 & echo '{\"child\":' $! '}'",
						   .output = KTSTR_OUTPUT_JSON);
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	struct ktstr_payload_result *result;
	uint64_t began_ns = clock_now_ns();

	(void)state;
	assert_int_equal(ktstr_payload_wait(run, &result, NULL), 0);
	assert_true(clock_now_ns() - began_ns < 100 * NS_PER_S);
	assert_int_equal(result->exit_code, 0);
	assert_true(dies_soon((pid_t)ktstr_payload_result_metric(result, "child")->value));
	ktstr_payload_result_free(result);
	ktstr_payload_free(run);
}

static void kill_takes_what_was_printed(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"echo '{\"x\": 1}'; rmdir \"$0\"; exec sleep 1000", .output = KTSTR_OUTPUT_JSON);
	char folder[] = "/tmp/ktstr-unit-payload-XXXXXX";
	const struct ktstr_payload_options options = { .args = KTSTR_ARGS(mkdtemp(folder)) };
	struct ktstr_payload_run *run = spawn(&payload, &options);
	struct ktstr_payload_result *result;
	pid_t pid = ktstr_payload_pid(run);

	(void)state;
	assert_int_equal(getpgid(pid), pid);
	assert_true(goes_soon(folder));
	assert_int_equal(ktstr_payload_kill(run, &result, NULL), 0);
	assert_int_equal(result->exit_code, -1);
	assert_false(result->timed_out);
	assert_non_null(ktstr_payload_result_metric(result, "x"));
	assert_false(is_alive(pid));
	assert_int_equal(ktstr_payload_pid(run), 0);
	assert_int_equal(fixture.records, 1);
	ktstr_payload_result_free(result);
	ktstr_payload_free(run);
}

static void try_wait_leaves_the_handle_usable(void **state)
{
	const struct ktstr_payload payload = SHELL("exec sleep 1000");
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	struct ktstr_error error;

	(void)state;
	assert_int_equal(ktstr_payload_try_wait(run, NULL, &error), -EAGAIN);
	assert_contains(error.text, "payload 'p'");
	assert_int_equal(ktstr_payload_kill(run, NULL, &error), 0);
	ktstr_payload_free(run);
}

static void wait_twice_names_the_payload(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("true");
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	struct ktstr_error error;

	(void)state;
	assert_int_equal(ktstr_payload_wait(run, NULL, &error), 0);
	assert_int_equal(ktstr_payload_wait(run, NULL, &error), -EINVAL);
	assert_contains(error.text, "payload 'true': this run has been waited for");
	assert_int_equal(ktstr_payload_kill(run, NULL, &error), -EINVAL);
	assert_int_equal(ktstr_payload_try_wait(run, NULL, &error), -EINVAL);
	assert_int_equal(fixture.records, 1);
	ktstr_payload_free(run);
}

static void free_kills_and_reaps(void **state)
{
	const struct ktstr_payload payload = SHELL("exec sleep 1000");
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	pid_t pid = ktstr_payload_pid(run);

	(void)state;
	assert_true(is_alive(pid));
	ktstr_payload_free(run);
	assert_false(is_alive(pid));
	assert_int_equal(fixture.records, 0);
	assert_contains(fixture.notes, "payload 'p': dropped without being waited for");
	ktstr_payload_free(NULL);
}

static void free_in_a_forked_process_leaves_it_alone(void **state)
{
	const struct ktstr_payload payload = SHELL("exec sleep 1000");
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		if (ktstr_payload_wait(run, NULL, NULL) != -ECHILD)
			_exit(1);
		ktstr_payload_free(run);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(is_alive(ktstr_payload_pid(run)));
	ktstr_payload_free(run);
}

static void spawn_places_before_exec(void **state)
{
	const struct ktstr_payload payload = SHELL("echo $$");
	const struct ktstr_payload_options options = { .cgroup = "cg_0/sub" };
	struct ktstr_payload_result *result = fixture_run(&payload, &options);

	(void)state;
	assert_string_equal(fixture.placed, "cg_0/sub");
	assert_int_equal(strtol(result->out, NULL, 10), fixture.placed_pid);
	ktstr_payload_result_free(result);
}

static void spawn_prefers_the_error_of_placing(void **state)
{
	/* It could not be executed either. */
	const struct ktstr_payload payload = KTSTR_PAYLOAD("p", .exe = "/no/such/program");

	(void)state;
	fixture.place_error = -EBUSY;
	refuse(&payload, &(struct ktstr_payload_options){ .cgroup = "cg_0" }, -EBUSY,
	       "payload 'p': write 'cg_0/cgroup.procs'");
	/* An ENOENT of its own, not the program's. */
	fixture.place_error = -ENOENT;
	refuse(&payload, &(struct ktstr_payload_options){ .cgroup = "cg_0" }, -ENOENT,
	       "payload 'p': write 'cg_0/cgroup.procs'");
	fixture.place_error = 0;
	refuse(&payload, &(struct ktstr_payload_options){ .cgroup = "/cg_0" }, -EINVAL, "/cg_0");
	assert_int_equal(fixture.next_index, 0);
}

static void spawn_explains_a_missing_program(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("fio", .exe = "no-such-program");

	(void)state;
	refuse(&payload, NULL, -ENOENT, "payload 'fio': program 'no-such-program' is not there");
	refuse(&payload, NULL, -ENOENT, "KTSTR_PAYLOADS");
	refuse(&payload, NULL, -ENOENT, "interpreter");
}

static void spawn_passes_on_other_errors_of_exec(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("p", .exe = "/etc/passwd");

	(void)state;
	refuse(&payload, NULL, -EACCES, "payload 'p': execute '/etc/passwd'");
}

static void spawn_finds_programs_beside_the_test(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("p", .exe = "./test_payload_run",
							   .args = KTSTR_ARGS("--echo", "hello"));
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_string_equal(result->out, "hello\n");
	ktstr_payload_result_free(result);
}

static void spawn_refuses_where_children_are_not_waitable(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("true");

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	refuse(&payload, NULL, -EINVAL, "SIGCHLD is ignored");
	signal(SIGCHLD, SIG_DFL);
}

static void uses_parent_pgrp_stays_in_our_group(void **state)
{
	const struct ktstr_payload payload = SHELL("exec sleep 1000", .uses_parent_pgrp = true);
	struct ktstr_payload_run *run = spawn(&payload, NULL);
	pid_t pid = ktstr_payload_pid(run);

	(void)state;
	assert_int_equal(getpgid(pid), getpgrp());
	assert_int_equal(ktstr_payload_kill(run, NULL, NULL), 0);
	assert_false(is_alive(pid));
	ktstr_payload_free(run);
}

/* One that leaves the group keeps the pipe open: nobody waits for it. */
static void kill_does_not_wait_for_one_that_escaped(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"setsid sleep 1000 & echo '{\"child\":' $! '}'; wait", .output = KTSTR_OUTPUT_JSON);
	struct ktstr_payload_result *result = fixture_run(
		&payload, &(struct ktstr_payload_options){ .timeout_ms = 2000 });

	(void)state;
	assert_int_equal(result->exit_code, -1);
	kill((pid_t)ktstr_payload_result_metric(result, "child")->value, SIGKILL);
	ktstr_payload_result_free(result);
}

static void payload_inherits_no_descriptor(void **state)
{
	const struct ktstr_payload payload = SHELL("ls /proc/self/fd");
	int ours = dup(STDERR_FILENO); /* not closed on exec */
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	/* 3 is the folder that ls looks at. */
	assert_string_equal(result->out, "0\n1\n2\n3\n");
	close(ours);
	ktstr_payload_result_free(result);
}

#define runs(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		runs(run_puts_default_args_first),
		runs(run_clear_args_drops_the_payloads),
		runs(run_takes_streams_and_exit_code),
		runs(run_tells_a_signal),
		runs(run_numbers_runs),
		runs(spawn_drains_more_than_a_pipe_holds),
		runs(run_discards_what_is_too_much),
		runs(run_replaces_what_is_no_utf8),
		runs(run_timeout_kills_the_group_and_keeps_metrics),
		runs(wait_kills_what_the_leader_leaves),
		runs(kill_takes_what_was_printed),
		runs(try_wait_leaves_the_handle_usable),
		runs(wait_twice_names_the_payload),
		runs(free_kills_and_reaps),
		runs(free_in_a_forked_process_leaves_it_alone),
		runs(spawn_places_before_exec),
		runs(spawn_prefers_the_error_of_placing),
		runs(spawn_explains_a_missing_program),
		runs(spawn_passes_on_other_errors_of_exec),
		runs(spawn_finds_programs_beside_the_test),
		runs(spawn_refuses_where_children_are_not_waitable),
		runs(uses_parent_pgrp_stays_in_our_group),
		runs(kill_does_not_wait_for_one_that_escaped),
		runs(payload_inherits_no_descriptor),
	};

	/* As a payload of itself. */
	if (argc == 3 && !strcmp(argv[1], "--echo")) {
		puts(argv[2]);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
