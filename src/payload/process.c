// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a program where it belongs. Two pipes: on one the child says that it runs and, later,
 * why it could not execute (its end closes when it did); on the other it waits for leave to go on.
 * Between fork(2) and exec(3) it calls nothing that allocates: the parent may have threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/pipe.h"
#include "base/signals.h"
#include "payload/process.h"
#include "workload/leader.h"

#define NOT_EXECUTED_STATUS 127
#define REAP_MS 5000 /* a killed child only has to get a CPU once */

enum { READ_END, WRITE_END };

struct handshake {
	int say[2]; /* from the child: 0 when it runs, then an errno or the end */
	int go[2];  /* from the parent: one byte, or the end */
};

static void handshake_close(struct handshake *handshake)
{
	for (size_t i = 0; i < 2; i++) {
		auto_close_fn(&handshake->say[i]);
		auto_close_fn(&handshake->go[i]);
	}
}
#define auto_handshake __attribute__((cleanup(handshake_close)))

static void say(int fd, int number)
{
	ssize_t written = write(fd, &number, sizeof(number));

	/* A pipe of ours takes four bytes; if not, the parent's deadline passes. */
	(void)written;
}

/* Whether the parent gave leave: the end of the pipe is a no. */
static bool may_go(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char byte;

	while (poll(&ready, 1, -1) < 0)
		if (errno != EINTR)
			return false;
	return read(fd, &byte, 1) == 1;
}

/* All signals are blocked until the last moment. */
static _Noreturn void become(const struct payload_process *process, struct handshake *handshake,
			     pid_t parent, const sigset_t *mask)
{
	/* The parent may have died before the first of these. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(NOT_EXECUTED_STATUS);
	if (process->own_group)
		setpgid(0, 0);
	/* With an end of its own it would wait for itself. */
	close(handshake->go[WRITE_END]);
	say(handshake->say[WRITE_END], 0);
	if (!may_go(handshake->go[READ_END]))
		_exit(NOT_EXECUTED_STATUS);
	signals_reset();
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* Also what others in this process, or whoever started it, forgot to mark. */
	if (dup2(process->out_fd, STDOUT_FILENO) >= 0 &&
	    dup2(process->err_fd, STDERR_FILENO) >= 0 &&
	    !close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC))
		execvp(process->path, process->argv);
	say(handshake->say[WRITE_END], errno);
	_exit(NOT_EXECUTED_STATUS);
}

/* What the child says next, or -EPIPE when its end is closed, or -ETIMEDOUT. */
static int listen_to_child(const struct handshake *handshake, uint64_t deadline_ns, int *ret_number)
{
	struct pollfd ready = { .fd = handshake->say[READ_END], .events = POLLIN };

	for (;;) {
		int count = poll(&ready, 1, clock_poll_timeout_ms(deadline_ns));
		ssize_t got;

		if (count == 0)
			return -ETIMEDOUT;
		if (count < 0 && errno != EINTR)
			return -errno;
		got = count < 0 ? -1 : read(ready.fd, ret_number, sizeof(*ret_number));
		if (got == sizeof(*ret_number))
			return 0;
		if (got == 0)
			return -EPIPE;
	}
}

static int place(const struct payload_process *process, struct handshake *handshake, pid_t pid,
		 struct ktstr_error *error)
{
	int number;
	int err = listen_to_child(handshake, clock_deadline_ms(process->step_ms), &number);

	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err,
				       "its process did not get to run within %u ms of its fork",
				       process->step_ms);
	if (err)
		return ktstr_error_set(error, err, "its process ended before it was let go");
	if (!process->cgroup)
		return 0;
	return ktstr_cgroup_place_task(process->cgroups, process->cgroup, pid, error);
}

static int explain_exec(const char *path, int failure, struct ktstr_error *error)
{
	if (failure == ENOENT)
		return ktstr_error_set(
			error, -failure,
			"program '%s' is not there; a test that names its payload in .payloads = "
			"KTSTR_PAYLOADS(...) has it in its guest. If it is a script: the "
			"interpreter in its first line may be missing",
			path);
	return ktstr_error_set(error, failure > 0 ? -failure : -EIO, "execute '%s': %s", path,
			       strerror(failure));
}

static int let_go(const struct payload_process *process, struct handshake *handshake,
		  struct ktstr_error *error)
{
	int failure = 0, err;

	/* The read end is ours too, so that this raises no SIGPIPE when the child has died. */
	if (write(handshake->go[WRITE_END], "", 1) != 1)
		return ktstr_error_set(error, -errno, "let it go: %s", strerror(errno));
	err = listen_to_child(handshake, clock_deadline_ms(process->step_ms), &failure);
	if (err == -EPIPE)
		return 0;
	if (err == -ETIMEDOUT)
		return ktstr_error_set(error, err,
				       "'%s' was not executed within %u ms (a frozen cgroup, or "
				       "one without memory, keeps it from that)",
				       process->path, process->step_ms);
	return explain_exec(process->path, err ? -err : failure, error);
}

static void destroy(pid_t pid)
{
	struct ktstr_exit_info how;

	leader_signal(pid, SIGKILL);
	if (!leader_wait(pid, clock_deadline_ms(REAP_MS)))
		(void)leader_reap(pid, &how);
}

static int fork_child(const struct payload_process *process, struct handshake *handshake,
		      pid_t *ret_pid)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(process, handshake, parent, &before);
	err = pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	*ret_pid = pid;
	return err;
}

int payload_process_start(const struct payload_process *process, pid_t *ret_pid,
			  struct ktstr_error *error)
{
	auto_handshake struct handshake handshake = { { -1, -1 }, { -1, -1 } };
	pid_t pid;
	int err = pipe_open_above(STDERR_FILENO, handshake.say);

	if (!err)
		err = pipe_open_above(STDERR_FILENO, handshake.go);
	if (!err)
		err = fork_child(process, &handshake, &pid);
	if (err)
		return ktstr_error_set(error, err, "start a process: %s", strerror(-err));
	close(take_fd(&handshake.say[WRITE_END]));
	/* Also from here: whoever sees the pid finds the group, however late the child runs. */
	if (process->own_group)
		setpgid(pid, pid);
	err = place(process, &handshake, pid, error);
	if (!err)
		err = let_go(process, &handshake, error);
	if (err) {
		destroy(pid);
		return err;
	}
	*ret_pid = pid;
	return 0;
}
