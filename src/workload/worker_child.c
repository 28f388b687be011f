// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first instructions of a forked child. The order of the steps matters; each says why it stands
 * where it stands.
 */
#include "workload/worker_child.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/*
 * Set by SIGUSR1, and only ever in a worker process. Atomic: the threads of a container all read
 * it.
 */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler writes it");
static _Atomic int stop_signalled;

static void note_stop(int signal_number)
{
	(void)signal_number;
	atomic_store_explicit(&stop_signalled, 1, memory_order_relaxed);
}

/*
 * The parent's handlers mean nothing here, and one that longjmps (cmocka's for SIGSEGV) would run
 * the parent's program on in the worker. Ignored signals stay ignored, as over an exec.
 */
static void drop_inherited_handlers(void)
{
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;

		if (sigaction(number, NULL, &action))
			continue;
		if (!(action.sa_flags & SA_SIGINFO) &&
		    (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN))
			continue;
		action = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(number, &action, NULL);
	}
}

static void listen_for_stop(const sigset_t *mask_before_fork)
{
	/* No SA_RESTART: a blocked system call is to come back and look. */
	struct sigaction action = { .sa_handler = note_stop };
	sigset_t mask = *mask_before_fork;

	atomic_store_explicit(&stop_signalled, 0, memory_order_relaxed);
	sigaction(SIGUSR1, &action, NULL);
	sigdelset(&mask, SIGUSR1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static noreturn void live(worker_child_body *body, void *argument, pid_t parent,
			  const sigset_t *mask_before_fork)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before that; then nobody will ever start or reap us. */
	if (getppid() != parent)
		_exit(0);
	setpgid(0, 0);
	/* All signals are blocked so far: one that came early waits for its handler. */
	drop_inherited_handlers();
	listen_for_stop(mask_before_fork);
	/* A pipe whose other worker is dead is a silent partner, and no reason to die too. */
	signal(SIGPIPE, SIG_IGN);
	body(argument, &stop_signalled);
	_exit(0);
}

int worker_child_fork(worker_child_body *body, void *argument, pid_t *ret_pid,
		      struct ktstr_error *error)
{
	pid_t parent = getpid(), child;
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = fork();
	err = child < 0 ? -errno : 0;
	if (child == 0)
		live(body, argument, parent, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return ktstr_error_set(error, err, "fork: %s", strerror(-err));
	/* Also from here: whoever sees the pid finds the group, however late the child runs. */
	setpgid(child, child);
	*ret_pid = child;
	return 0;
}
