// SPDX-License-Identifier: GPL-2.0-only
/* Starting a program, collecting what it says, and ending it in time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#include "vm/kernel/program.h"

#define STREAM_LIMIT_BYTES (4U << 20)
#define STATUS_LINE_MAX 1024
#define EXIT_NOT_FOUND 127
#define EXIT_BY_SIGNAL 128

enum { STREAM_OUT, STREAM_ERR, STREAM_STATUS, NUM_STREAMS };

/* A pipe from the child and what came through it so far. */
struct stream {
	int ends[2]; /* read, write */
	char *text;
	size_t size, capacity;
};

struct run {
	const struct program *program;
	struct stream streams[NUM_STREAMS];
	pid_t pid;
	int pidfd;
};

static void run_release(struct run *run)
{
	if (run->pid > 0) {
		kill(-run->pid, SIGKILL);
		waitpid(run->pid, NULL, 0);
	}
	if (run->pidfd >= 0)
		close(run->pidfd);
	for (size_t i = 0; i < NUM_STREAMS; i++) {
		for (size_t end = 0; end < 2; end++)
			if (run->streams[i].ends[end] >= 0)
				close(run->streams[i].ends[end]);
		free(run->streams[i].text);
	}
}
#define auto_run __attribute__((cleanup(run_release)))

void program_result_release(struct program_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct program_result){ 0 };
}

__attribute__((noreturn)) static void become(const struct run *run, pid_t parent)
{
	int null;

	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(EXIT_BY_SIGNAL + SIGKILL);
	/* First, since the folder's own descriptor may be one that the pipes are about to take. */
	if (run->program->dir != AT_FDCWD && fchdir(run->program->dir))
		_exit(EXIT_NOT_FOUND);
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(run->streams[STREAM_OUT].ends[1], STDOUT_FILENO) < 0 ||
	    dup2(run->streams[STREAM_ERR].ends[1], STDERR_FILENO) < 0 ||
	    dup2(run->streams[STREAM_STATUS].ends[1], PROGRAM_STATUS_FD) < 0)
		_exit(EXIT_NOT_FOUND);
	setenv("LC_ALL", "C", 1);
	execvp(run->program->argv[0], (char *const *)(uintptr_t)run->program->argv);
	_exit(EXIT_NOT_FOUND);
}

/* Both ends above PROGRAM_STATUS_FD, so that dup2() in the child overwrites none of them. */
static int open_pipe(int ends[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (size_t i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, PROGRAM_STATUS_FD + 1);
		close(low[i]);
	}
	return ends[0] < 0 || ends[1] < 0 ? -EMFILE : 0;
}

static int start(struct run *run)
{
	pid_t parent = getpid();

	for (size_t i = 0; i < NUM_STREAMS; i++) {
		int err = open_pipe(run->streams[i].ends);

		if (err)
			return err;
		if (fcntl(run->streams[i].ends[0], F_SETFL, O_NONBLOCK))
			return -errno;
	}
	run->pid = fork();
	if (run->pid < 0)
		return -errno;
	if (run->pid == 0)
		become(run, parent);
	setpgid(run->pid,
		run->pid); /* here as well: whoever is first, the group is there to kill */
	for (size_t i = 0; i < NUM_STREAMS; i++) {
		close(run->streams[i].ends[1]);
		run->streams[i].ends[1] = -1;
	}
	run->pidfd = pidfd_open(run->pid, 0);
	return run->pidfd < 0 ? -errno : 0;
}

static int append(struct stream *stream, const char *data, size_t size)
{
	if (size > STREAM_LIMIT_BYTES - stream->size)
		size = STREAM_LIMIT_BYTES - stream->size;
	if (stream->size + size + 1 > stream->capacity) {
		size_t wanted = stream->capacity * 2 + size + 1;
		char *grown = realloc(stream->text, wanted);

		if (!grown)
			return -ENOMEM;
		stream->text = grown;
		stream->capacity = wanted;
	}
	memcpy(stream->text + stream->size, data, size);
	stream->size += size;
	stream->text[stream->size] = '\0';
	return 0;
}

static void hand_on_lines(const struct program *program, struct stream *stream)
{
	char *newline;

	while ((newline = memchr(stream->text, '\n', stream->size))) {
		size_t length = (size_t)(newline - stream->text) + 1;

		*newline = '\0';
		if (program->status)
			program->status(program->arg, stream->text);
		stream->size -= length;
		memmove(stream->text, newline + 1, stream->size + 1);
	}
	if (stream->size > STATUS_LINE_MAX)
		stream->size = 0;
}

/* One read; the stream is closed at its end. */
static int drain(struct run *run, size_t index)
{
	struct stream *stream = &run->streams[index];
	char buffer[16384];
	ssize_t got = read(stream->ends[0], buffer, sizeof(buffer));
	int err;

	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (got == 0) {
		close(stream->ends[0]);
		stream->ends[0] = -1;
		return 0;
	}
	err = append(stream, buffer, (size_t)got);
	if (!err && index == STREAM_STATUS)
		hand_on_lines(run->program, stream);
	return err;
}

/* The child has ended: what it left behind in its group ends too, which closes the pipes. */
static int reap(struct run *run)
{
	int status;

	kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	run->pid = 0;
	close(run->pidfd);
	run->pidfd = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BY_SIGNAL + WTERMSIG(status);
}

static int wait_for_end(struct run *run, int *ret_exit_code)
{
	for (;;) {
		struct pollfd fds[NUM_STREAMS + 1] = { { .fd = run->pidfd, .events = POLLIN } };
		bool open = run->pidfd >= 0;
		int ready;

		for (size_t i = 0; i < NUM_STREAMS; i++) {
			fds[i + 1] = (struct pollfd){ .fd = run->streams[i].ends[0],
						      .events = POLLIN };
			open |= run->streams[i].ends[0] >= 0;
		}
		if (!open)
			return 0;
		ready = poll(fds, NUM_STREAMS + 1,
			     clock_poll_timeout_ms(run->program->deadline_ns));
		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && errno != EINTR)
			return -errno;
		for (size_t i = 0; ready > 0 && i < NUM_STREAMS; i++) {
			int err = fds[i + 1].revents ? drain(run, i) : 0;

			if (err)
				return err;
		}
		if (ready > 0 && fds[0].revents) {
			int code = reap(run);

			if (code < 0)
				return code;
			*ret_exit_code = code;
		}
	}
}

static char *take_text(struct stream *stream)
{
	return stream->text ? take_pointer(stream->text) : strdup("");
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
	err = start(&run);
	if (err)
		return ktstr_error_set(error, err, "start '%s': %s", program->argv[0],
				       strerror(-err));
	err = wait_for_end(&run, &result.exit_code);
	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err, "'%s' was not done after %.1f s",
				       program->argv[0],
				       (double)(clock_now_ns() - began_ns) / (double)NS_PER_S);
	if (err)
		return ktstr_error_set(error, err, "'%s': %s", program->argv[0], strerror(-err));
	result.out = take_text(&run.streams[STREAM_OUT]);
	result.err = take_text(&run.streams[STREAM_ERR]);
	if (!result.out || !result.err)
		return ktstr_error_set(error, -ENOMEM, "'%s': no memory for its output",
				       program->argv[0]);
	*ret_result = result;
	result = (struct program_result){ 0 };
	return 0;
}
