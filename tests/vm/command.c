// SPDX-License-Identifier: GPL-2.0-only
/* Running the ktstr tool from a test, and looking for what it leaves behind. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void exec_command(const char *const *argv, int output)
{
	setpgid(0, 0);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	close(STDIN_FILENO);
	open("/dev/null", O_RDONLY);
	execv(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "exec '%s': %s\n", argv[0], strerror(errno));
	_exit(127);
}

void command_run(const char *const *argv, int timeout_s, int kill_after_ms, void (*victim)(pid_t pid),
		 struct command_result *result)
{
	uint64_t start = now_ms(), deadline = start + (uint64_t)timeout_s * 1000;
	size_t used = 0;
	int output[2], status = 0, pidfd;
	bool struck = kill_after_ms < 0, alive = true;
	pid_t pid;

	memset(result, 0, sizeof(*result));
	result->exit_code = -1;
	if (pipe2(output, O_CLOEXEC))
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		exec_command(argv, output[1]);
	close(output[1]);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	while (alive) {
		struct pollfd fds[] = { { output[0], POLLIN, 0 }, { pidfd, POLLIN, 0 } };
		uint64_t now = now_ms();
		uint64_t until = struck ? deadline : start + (uint64_t)kill_after_ms;
		int wait_ms = until > now ? (int)(until - now) : 0;

		if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
			abort();
		now = now_ms();
		if (!struck && now >= start + (uint64_t)kill_after_ms) {
			struck = true;
			victim(pid);
		}
		if (fds[0].revents) {
			char dropped[4096];
			bool room = used + 1 < sizeof(result->output);
			ssize_t got = room ? read(output[0], result->output + used, sizeof(result->output) - used - 1) :
					     read(output[0], dropped, sizeof(dropped));

			if (got > 0 && room)
				used += (size_t)got;
		}
		/* What it wrote before it ended is in the pipe: only an empty pipe ends the loop. */
		alive = !(fds[1].revents && !(fds[0].revents & POLLIN));
		if (alive && now >= deadline) {
			kill(-pid, SIGKILL);
			deadline = now + 1000;
		}
	}
	waitpid(pid, &status, 0);
	close(output[0]);
	close(pidfd);
	if (WIFEXITED(status))
		result->exit_code = WEXITSTATUS(status);
	else
		result->signal = WTERMSIG(status);
}

/* Name and parent of a process, from /proc/PID/stat: the name ends at the last ')'. */
static bool read_stat(pid_t pid, char comm[64], pid_t *ret_parent, char *ret_state)
{
	char path[64], text[512], *open_paren, *close_paren;
	FILE *stream;
	size_t got;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	stream = fopen(path, "re");
	if (!stream)
		return false;
	got = fread(text, 1, sizeof(text) - 1, stream);
	fclose(stream);
	text[got] = '\0';
	open_paren = strchr(text, '(');
	close_paren = strrchr(text, ')');
	if (!open_paren || !close_paren)
		return false;
	*close_paren = '\0';
	snprintf(comm, 64, "%s", open_paren + 1);
	return sscanf(close_paren + 1, " %c %d", ret_state, ret_parent) == 2;
}

static bool descends(pid_t pid, pid_t ancestor)
{
	char comm[64], state;
	pid_t parent;

	while (pid > 1 && pid != ancestor) {
		if (!read_stat(pid, comm, &parent, &state))
			return false;
		pid = parent;
	}
	return pid == ancestor;
}

/* How many there are, and one of them. */
static unsigned find_descendants(pid_t ancestor, const char *name, pid_t *ret_pid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned count = 0;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10), parent;
		char comm[64], state;

		if (pid <= 0 || pid == ancestor || !read_stat(pid, comm, &parent, &state) || state == 'Z')
			continue;
		if (strncmp(comm, name, strlen(name)) != 0 || !descends(pid, ancestor))
			continue;
		*ret_pid = pid;
		count++;
	}
	if (proc)
		closedir(proc);
	return count;
}

pid_t command_descendant(pid_t ancestor, const char *name)
{
	pid_t found = 0;

	find_descendants(ancestor, name, &found);
	return found;
}

unsigned command_descendants(pid_t ancestor, const char *name)
{
	pid_t any;

	return find_descendants(ancestor, name, &any);
}

static char scratch[] = "/tmp/ktstr-vm-test-XXXXXX";

static void remove_scratch(void)
{
	if (chdir("/") == 0)
		rmdir(scratch);
}

void leftovers_watch(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) || !mkdtemp(scratch) || chdir(scratch))
		abort();
	setenv("TMPDIR", scratch, 1);
	atexit(remove_scratch);
}

static void add_name(struct leftovers *found, const char *name)
{
	size_t used = strlen(found->names);

	(void)snprintf(found->names + used, sizeof(found->names) - used, " %.60s", name);
}

/* Every process below us: the tool itself has been reaped by now. */
static void find_processes(struct leftovers *found, bool kill_them)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10), parent;
		char comm[64], state;

		if (pid <= 0 || pid == getpid() || !read_stat(pid, comm, &parent, &state))
			continue;
		if (state == 'Z' || !descends(pid, getpid()))
			continue;
		found->processes++;
		add_name(found, comm);
		if (kill_them)
			kill(pid, SIGKILL);
	}
	if (proc)
		closedir(proc);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void find_files(struct leftovers *found, bool remove_them)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		found->files++;
		add_name(found, entry->d_name);
		if (remove_them)
			remove(entry->d_name);
	}
	if (dir)
		closedir(dir);
}

struct leftovers leftovers_take(void)
{
	uint64_t deadline = now_ms() + 2000;

	for (;;) {
		const struct timespec pause = { .tv_nsec = 10 * 1000000 };
		bool last = now_ms() >= deadline;
		struct leftovers found = { 0 };

		find_processes(&found, last);
		find_files(&found, last);
		if (last || (!found.processes && !found.files))
			return found;
		nanosleep(&pause, NULL);
	}
}
