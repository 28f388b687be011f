// SPDX-License-Identifier: GPL-2.0-only
/* Wait for, kill and reap children and their process groups, always within a deadline. */
#include "workload/leader.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"

/* Between two looks at something that has no event. */
#define LOOK_AGAIN_NS NS_PER_MS

int process_check_waitable(struct ktstr_error *error)
{
	struct sigaction action;

	if (sigaction(SIGCHLD, NULL, &action) ||
	    (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)))
		return 0;
	return ktstr_error_set(error, -EINVAL,
			       "SIGCHLD is ignored in this process, so its children could not be "
			       "waited for; set it to SIG_DFL first");
}

static void pause_until_next_look(void)
{
	struct timespec pause = clock_timespec(LOOK_AGAIN_NS);

	nanosleep(&pause, NULL);
}

/* 1: ended, 0: still runs, or -errno. flags: WNOWAIT to leave the zombie. */
static int look(pid_t pid, int flags, siginfo_t *ret_info)
{
	int result;

	*ret_info = (siginfo_t){ 0 };
	do
		result = waitid(P_PID, (id_t)pid, ret_info, WEXITED | WNOHANG | flags);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return -errno;
	return ret_info->si_pid == pid;
}

/* Without a pidfd (the descriptor limit is reached, or a kernel before 5.3). */
static int wait_by_looking(pid_t pid, uint64_t deadline_ns)
{
	siginfo_t info;

	for (;;) {
		int ended = look(pid, WNOWAIT, &info);

		if (ended)
			return ended < 0 ? ended : 0;
		if (clock_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		pause_until_next_look();
	}
}

int leader_wait(pid_t pid, uint64_t deadline_ns)
{
	auto_close int fd = -1;
	siginfo_t info;
	int ended = look(pid, WNOWAIT, &info);

	if (ended)
		return ended < 0 ? ended : 0;
	fd = pidfd_open(pid, 0);
	if (fd < 0)
		return wait_by_looking(pid, deadline_ns);
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int count = poll(&ready, 1, clock_poll_timeout_ms(deadline_ns));

		if (count > 0)
			return 0;
		if (count < 0 && errno != EINTR)
			return wait_by_looking(pid, deadline_ns);
		if (clock_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
	}
}

bool leader_ended(pid_t pid)
{
	siginfo_t info;

	return look(pid, WNOWAIT, &info) != 0;
}

static bool is_our_child(pid_t pid)
{
	siginfo_t info;

	return look(pid, WNOWAIT, &info) >= 0;
}

void leader_signal(pid_t pid, int signal_number)
{
	if (is_our_child(pid))
		kill(pid, signal_number);
}

void leader_kill_group(pid_t pid)
{
	if (!is_our_child(pid))
		return;
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* it may have moved to another group, or not be in its own yet */
}

int leader_reap(pid_t pid, struct ktstr_exit_info *ret_exit_info)
{
	siginfo_t info;
	int ended = look(pid, 0, &info);

	if (!ended)
		return -EAGAIN;
	if (ended < 0)
		*ret_exit_info = (struct ktstr_exit_info){ KTSTR_EXIT_WAIT_FAILED, -ended };
	else if (info.si_code == CLD_EXITED)
		*ret_exit_info = (struct ktstr_exit_info){ KTSTR_EXIT_EXITED, info.si_status };
	else
		*ret_exit_info = (struct ktstr_exit_info){ KTSTR_EXIT_SIGNALED, info.si_status };
	return 0;
}

static bool in_group_and_alive(pid_t pid, pid_t group)
{
	const char *fields; /* STATE PPID PGRP ... */
	char text[512], *end;

	if (!proc_read(pid, "stat", text, sizeof(text)))
		return false;
	fields = proc_stat_fields(text);
	if (!fields || *fields == 'Z' || *fields == 'X')
		return false;
	strtol(fields + 1, &end, 10);
	return strtol(end, NULL, 10) == group;
}

/*
 * Zombies count as members for kill(2). Where nobody reaps orphans (a container whose init does
 * not) they stay for ever, so a group that does not vanish is looked at more closely.
 */
static bool group_has_live_member(pid_t group)
{
	auto_closedir DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return true;
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    in_group_and_alive((pid_t)strtol(entry->d_name, NULL, 10), group))
			return true;
	return false;
}

int leader_wait_group_gone(pid_t group, uint64_t deadline_ns)
{
	for (;;) {
		/* Orphans are ours when we are a subreaper or init. */
		while (waitpid(-group, NULL, WNOHANG) > 0)
			;
		/* Not ESRCH but EPERM: there are some, none of which we may kill or wait for. */
		if (kill(-group, 0) && (errno == ESRCH || errno == EPERM))
			return 0;
		if (!group_has_live_member(group))
			return 0;
		if (clock_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		pause_until_next_look();
	}
}
