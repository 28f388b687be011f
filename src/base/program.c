// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a program, collecting what it says, and ending it in time. Everything that can allocate
 * happens before fork(2); the child only rearranges descriptors and executes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/pipe.h"
#include "base/program.h"
#include "base/signals.h"
#include "base/tail.h"

#define NOT_EXECUTED_STATUS 127

/* FAILURE carries the errno of what kept the child from executing the program. */
enum { STREAM_OUT, STREAM_ERR, STREAM_STATUS, STREAM_FAILURE, NUM_STREAMS };

/* A pipe from the child and what came through it so far. */
struct stream {
	int ends[2]; /* read, write; -1: closed */
	struct tail text;
};

struct run {
	const struct program *program;
	struct stream streams[NUM_STREAMS];
	pid_t pid; /* 0: none, or reaped */
	int pidfd;
};

static void kill_all(const struct run *run)
{
	siginfo_t info;

	/* Where SIGCHLD is ignored the number may be a stranger's by now. */
	if (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT))
		return;
	kill(-run->pid, SIGKILL);
	/* It leads no group yet when it has not run since the fork. */
	kill(run->pid, SIGKILL);
}

static void run_release(struct run *run)
{
	if (run->pid > 0) {
		kill_all(run);
		while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	auto_close_fn(&run->pidfd);
	for (size_t i = 0; i < NUM_STREAMS; i++) {
		for (size_t end = 0; end < 2; end++)
			auto_close_fn(&run->streams[i].ends[end]);
		tail_release(&run->streams[i].text);
	}
}
#define auto_run __attribute__((cleanup(run_release)))

void program_result_release(struct program_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct program_result){ 0 };
}

static int connect_streams(const struct run *run)
{
	int null = open("/dev/null", O_RDONLY);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(run->streams[STREAM_OUT].ends[1], STDOUT_FILENO) < 0 ||
	    dup2(run->streams[STREAM_ERR].ends[1], STDERR_FILENO) < 0 ||
	    dup2(run->streams[STREAM_STATUS].ends[1], PROGRAM_STATUS_FD) < 0)
		return -1;
	/* Also what others in this process, or whoever started it, forgot to mark. */
	return close_range(PROGRAM_STATUS_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

/* All signals are blocked: no handler of ours may run here. */
static _Noreturn void become(const struct run *run, pid_t parent, char *const *environment)
{
	const struct program *program = run->program;
	ssize_t written;
	sigset_t none;

	setsid();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(NOT_EXECUTED_STATUS);
	signals_reset();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* First, since the folder's own descriptor may be one that the pipes are about to take. */
	if ((program->dir == AT_FDCWD || !fchdir(program->dir)) && !connect_streams(run))
		execvpe(program->argv[0], (char *const *)(uintptr_t)program->argv, environment);
	written = write(run->streams[STREAM_FAILURE].ends[1], &errno, sizeof(errno));
	/* A pipe of ours takes four bytes; if not, the status still tells. */
	(void)written;
	_exit(NOT_EXECUTED_STATUS);
}

/* Our environment, borrowed text by text, with C as locale. */
static char **new_environment(void)
{
	size_t count = 0, used = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = calloc(count + 2, sizeof(*copy));
	if (!copy)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "LC_ALL=", strlen("LC_ALL=")) != 0)
			copy[used++] = environ[i];
	copy[used] = (char *)(uintptr_t) "LC_ALL=C";
	return copy;
}

static int start(struct run *run)
{
	auto_free char **environment = new_environment();
	pid_t parent = getpid();
	sigset_t all, before;
	int err = environment ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < NUM_STREAMS; i++)
		err = pipe_open_above(PROGRAM_STATUS_FD, run->streams[i].ends);
	if (err)
		return err;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	run->pid = fork();
	if (run->pid == 0)
		become(run, parent, environment);
	err = run->pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return err;
	for (size_t i = 0; i < NUM_STREAMS; i++)
		close(take_fd(&run->streams[i].ends[1]));
	run->pidfd = pidfd_open(run->pid, 0);
	return run->pidfd < 0 ? -errno : 0;
}

/* Hand whole lines on and keep what follows the last of them. */
static void hand_on_lines(const struct program *program, struct tail *text)
{
	char *line = text->data, *newline;

	while (line && (newline = strchr(line, '\n'))) {
		*newline = '\0';
		if (program->status)
			program->status(program->arg, line);
		line = newline + 1;
	}
	if (line && line != text->data) {
		text->size -= (size_t)(line - text->data);
		memmove(text->data, line, text->size + 1);
	}
}

/* One read; the stream is closed at its end. *ret_more: there was something. */
static int drain(struct run *run, size_t index, bool *ret_more)
{
	struct stream *stream = &run->streams[index];
	char buffer[16384];
	ssize_t got = read(stream->ends[0], buffer, sizeof(buffer));

	*ret_more = got > 0 || (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (got == 0) {
		close(take_fd(&stream->ends[0]));
		return 0;
	}
	if (index == STREAM_FAILURE) {
		int failure;

		memcpy(&failure, buffer, sizeof(failure));
		return -failure;
	}
	tail_append(&stream->text, buffer, (size_t)got);
	if (index == STREAM_STATUS)
		hand_on_lines(run->program, &stream->text);
	return index == STREAM_OUT && stream->text.dropped ? -EFBIG : 0;
}

/* The program has ended: end what it left behind, and take what the pipes still hold. */
static int reap(struct run *run, struct program_result *result)
{
	int status = 0;

	kill_all(run);
	/* ECHILD: an inherited SIG_IGN for SIGCHLD had it reaped. What it printed still stands. */
	while (waitpid(run->pid, &status, 0) < 0)
		if (errno == ECHILD)
			break;
		else if (errno != EINTR)
			return -errno;
	run->pid = 0;
	result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	for (size_t i = 0; i < NUM_STREAMS; i++) {
		bool more = run->streams[i].ends[0] >= 0;

		while (more) {
			int err = drain(run, i, &more);

			/* Somebody who left the session may go on writing. */
			if (!err && more && clock_now_ns() >= run->program->deadline_ns)
				err = -ETIMEDOUT;
			if (err)
				return err;
		}
	}
	return 0;
}

static int wait_for_end(struct run *run, struct program_result *result)
{
	for (;;) {
		struct pollfd fds[NUM_STREAMS + 2];
		int ready;

		for (size_t i = 0; i < NUM_STREAMS; i++)
			fds[i] = (struct pollfd){ .fd = run->streams[i].ends[0], .events = POLLIN };
		fds[NUM_STREAMS] = (struct pollfd){ .fd = run->pidfd, .events = POLLIN };
		fds[NUM_STREAMS + 1] = (struct pollfd){ .fd = run->program->stop_fd,
							.events = POLLIN };
		ready = poll(fds, NUM_STREAMS + 2,
			     clock_poll_timeout_ms(run->program->deadline_ns));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (ready == 0)
			return -ETIMEDOUT;
		if (fds[NUM_STREAMS + 1].revents)
			return -EINTR;
		for (size_t i = 0; i < NUM_STREAMS; i++) {
			bool more;
			int err = fds[i].revents ? drain(run, i, &more) : 0;

			if (err)
				return err;
		}
		if (fds[NUM_STREAMS].revents)
			return reap(run, result);
		/* One that prints without end keeps poll() from timing out. */
		if (clock_now_ns() >= run->program->deadline_ns)
			return -ETIMEDOUT;
	}
}

static char *take_text(struct tail *text)
{
	return text->data ? take_pointer(text->data) : strdup("");
}

static int fail(const struct run *run, int err, uint64_t began_ns, struct ktstr_error *error)
{
	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err, "did not end within %.1f s",
				       (double)(clock_now_ns() - began_ns) / (double)NS_PER_S);
	if (err == -EFBIG)
		return ktstr_error_set(error, err, "printed more than %zu bytes",
				       run->streams[STREAM_OUT].text.limit);
	if (err == -EINTR)
		return ktstr_error_set(error, err, "interrupted");
	return ktstr_error_set(error, err, "could not be run: %s", strerror(-err));
}

int program_run(const struct program *program, struct program_result *ret_result,
		struct ktstr_error *error)
{
	auto_run struct run run = { .program = program, .pidfd = -1 };
	auto_program_result struct program_result result = { 0 };
	uint64_t began_ns = clock_now_ns();
	int err;

	for (size_t i = 0; i < NUM_STREAMS; i++)
		run.streams[i].ends[0] = run.streams[i].ends[1] = -1;
	run.streams[STREAM_OUT].text.limit = program->out_limit_bytes ?: PROGRAM_OUT_DEFAULT_BYTES;
	run.streams[STREAM_ERR].text.limit = PROGRAM_ERR_BYTES;
	err = start(&run);
	if (!err)
		err = wait_for_end(&run, &result);
	if (err)
		return fail(&run, err, began_ns, error);
	result.out = take_text(&run.streams[STREAM_OUT].text);
	result.err = take_text(&run.streams[STREAM_ERR].text);
	if (!result.out || !result.err)
		return ktstr_error_set(error, -ENOMEM, "no memory for what it printed");
	*ret_result = result;
	result.out = result.err = NULL;
	return 0;
}

int program_output(const struct program *program, char **ret_output, struct ktstr_error *error)
{
	auto_program_result struct program_result result = { 0 };
	const char *last;
	int err = program_run(program, &result, error);

	if (err)
		return err;
	if (result.signal)
		return ktstr_error_set(error, -EPROTO, "was killed by signal %d (%s)",
				       result.signal, strsignal(result.signal));
	last = *result.err ? text_last_lines(result.err, 1) : "it said nothing on stderr";
	if (result.exit_code)
		return ktstr_error_set(error, -EPROTO, "exited with status %d: %.*s",
				       result.exit_code, (int)strcspn(last, "\n"), last);
	*ret_output = take_pointer(result.out);
	return 0;
}
