/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/error.h>
#include <ktstr/report.h>

/*
 * Children of this process, each the leader of its own process group: wait, kill, reap. A child
 * that is not yet reaped keeps its pid; one that somebody else has reaped is never signalled, so
 * none of these can hit a stranger.
 */

/*
 * -EINVAL where the kernel reaps children by itself: they lose their pid while we still signal it,
 * and nobody learns how they ended.
 */
int process_check_waitable(struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Wait until the child has ended; it stays a zombie. 0, -ETIMEDOUT, or the errno of waitid(2)
 * (-ECHILD: no such child).
 */
int leader_wait(pid_t pid, uint64_t deadline_ns);

/* Whether the child has ended, reaped by others included. */
bool leader_ended(pid_t pid);

void leader_signal(pid_t pid, int signal_number);

/* SIGKILL to the child and everything in its group. */
void leader_kill_group(pid_t pid);

/* Reap the child if it has ended: 0 and how it ended, -EAGAIN when it still runs. */
int leader_reap(pid_t pid, struct ktstr_exit_info *ret_exit_info);

/*
 * Wait for the last live process of a killed group whose leader is reaped: grandchildren take a
 * moment to die. Reaps those that have become children of this process. 0 or -ETIMEDOUT.
 */
int leader_wait_group_gone(pid_t group, uint64_t deadline_ns);
