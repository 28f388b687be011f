// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start, await and end a program (QEMU). Everything that can fail or allocate happens before fork;
 * the child only rearranges descriptors and executes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "vm/process.h"

static int pidfd_open_cloexec(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Signals are blocked here: no handler of ours may run in the child. */
static _Noreturn void process_main(const struct process_spec *spec, char *const *environment,
				   pid_t parent, int null_fd, int report_fd)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	int outputs[] = { spec->stdout_fd, spec->stderr_fd };
	sigset_t none;
	int err;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before the line above took effect. */
	if (getppid() != parent)
		_exit(1);
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		sigaction(signal_number, &dfl, NULL); /* fails for SIGKILL, SIGSTOP: as it should */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	if (dup2(null_fd, STDIN_FILENO) < 0)
		goto failed;
	for (int i = 0; i < 2; i++)
		if (dup2(outputs[i] ? outputs[i] : null_fd, STDOUT_FILENO + i) < 0)
			goto failed;
	/* Also what others in this process, or whoever started it, forgot to mark. */
	close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; i < spec->inherited_count; i++)
		if (fcntl(spec->inherited[i], F_SETFD, 0) < 0)
			goto failed;
	execvpe(spec->argv[0], (char *const *)spec->argv, environment);
failed:
	err = errno;
	if (write(report_fd, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* Enough for the loader and for PATH lookups; nothing that names the user's places. */
struct environment {
	char *items[4];
};

static void environment_add(struct environment *environment, const char *name, const char *fallback)
{
	const char *value = getenv(name);
	char *item;

	if (!value)
		value = fallback;
	/* Without memory for it the program starts without it. */
	if (!value || asprintf(&item, "%s=%s", name, value) < 0)
		return;
	for (char **slot = environment->items;; slot++) {
		if (!*slot) {
			*slot = item;
			return;
		}
	}
}

static void environment_release(struct environment *environment)
{
	for (char **item = environment->items; *item; item++)
		free(*item);
}
#define auto_environment __attribute__((cleanup(environment_release)))

int process_spawn(const struct process_spec *spec, struct process *ret_process,
		  struct ktstr_error *error)
{
	auto_environment struct environment environment = { 0 };
	int report[2], exec_errno = 0;
	sigset_t all, before;
	ssize_t got;
	pid_t pid, parent = getpid();
	int pidfd, err;

	for (size_t i = 0; i < spec->inherited_count; i++)
		if (spec->inherited[i] <= STDERR_FILENO)
			return ktstr_error_set(error, -EBADF,
					       "start '%s': descriptor %d is in the way "
					       "of standard input and output",
					       spec->argv[0], spec->inherited[i]);
	auto_close int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0)
		return ktstr_error_set(error, -errno, "open '/dev/null': %s", strerror(errno));
	if (pipe2(report, O_CLOEXEC) < 0)
		return ktstr_error_set(error, -errno, "start '%s': pipe: %s", spec->argv[0],
				       strerror(errno));
	auto_close int report_read = report[0];
	auto_close int report_write = report[1];

	environment_add(&environment, "PATH", "/usr/bin:/bin");
	environment_add(&environment, "LD_LIBRARY_PATH", NULL);

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		process_main(spec, environment.items, parent, null_fd, report_write);
	err = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return ktstr_error_set(error, err, "start '%s': fork: %s", spec->argv[0],
				       strerror(-err));
	pidfd = pidfd_open_cloexec(pid);
	err = -errno;
	close(take_fd(&report_write));
	/* Ends with the execve that closes the pipe, or with the child: neither takes long. */
	do
		got = read(report_read, &exec_errno, sizeof(exec_errno));
	while (got < 0 && errno == EINTR);

	if (got == 0 && pidfd >= 0) {
		*ret_process = (struct process){ .pid = pid, .pidfd = pidfd };
		return 0;
	}
	if (pidfd >= 0)
		close(pidfd);
	kill(pid, SIGKILL); /* not reaped yet, so the number is still its own */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (got == sizeof(exec_errno))
		return ktstr_error_set(error, -exec_errno, "execute '%s': %s", spec->argv[0],
				       strerror(exec_errno));
	return ktstr_error_set(error, pidfd < 0 ? err : -ECHILD, "start '%s': %s", spec->argv[0],
			       pidfd < 0 ? strerror(-err) : "the child died before execve");
}

int process_wait(struct process *process, uint64_t deadline_ns, struct process_end *ret_end)
{
	siginfo_t info = { 0 };
	int ready;

	if (!process->pid)
		return -ECHILD;
	do {
		struct pollfd ended = { .fd = process->pidfd, .events = POLLIN };

		ready = poll(&ended, 1, clock_poll_timeout_ms(deadline_ns));
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	/* ECHILD: SIGCHLD is ignored in this process, or somebody waits for any child. It is gone.
	 */
	if (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) < 0)
		*ret_end = (struct process_end){ .value = -1 };
	else
		*ret_end = (struct process_end){ .signaled = info.si_code != CLD_EXITED,
						 .value = info.si_status };
	close(take_fd(&process->pidfd));
	process->pid = 0;
	return 0;
}

void process_kill(struct process *process)
{
	struct process_end end;

	if (!process->pid)
		return;
	/* ESRCH: it has ended already and waits to be reaped. */
	syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
	if (process_wait(process, clock_deadline_ms(PROCESS_KILL_MS), &end) < 0) {
		close(take_fd(&process->pidfd));
		process->pid = 0;
	}
}
