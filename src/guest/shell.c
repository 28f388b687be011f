// SPDX-License-Identifier: GPL-2.0-only
/* A shell in the guest. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "guest/child.h"
#include "guest/fields.h"
#include "guest/ports.h"
#include "guest/relay.h"
#include "guest/shell.h"

#define BUSYBOX "/bin/busybox"
#define PORT_TIMEOUT_MS 2000
/* For the last output, when the host is slow to read it. */
#define DRAIN_TIMEOUT_MS 5000

/* Applets get names of their own, where the initramfs has none, then the shell takes over. */
#define INSTALL_APPLETS BUSYBOX " --install -s /bin 2>/dev/null; "

struct shell {
	struct host *host;
	json_t *message;
	json_int_t id;
	const char *command; /* NULL: interactive */
	const char *term;
	json_int_t rows, columns;
	int port_fd;
	int inner_fd; /* master of the pseudoterminal, or the output pipe */
	int exec_fd;
	struct relay output, input;
};

static void shell_watch(void *data, struct watch_list *list)
{
	struct shell *shell = data;

	relay_watch(&shell->output, list);
	if (!shell->command)
		relay_watch(&shell->input, list);
}

static int shell_tick(void *data, struct ktstr_error *error)
{
	(void)data;
	(void)error;
	return 0;
}

static int shell_finish(void *data, int status, const struct ktstr_error *leftovers,
			struct ktstr_error *error)
{
	struct shell *shell = data;
	int failure = child_exec_failure(shell->exec_fd), err;
	struct ktstr_error reason = *leftovers;

	relay_drain(&shell->output, clock_deadline_ms(DRAIN_TIMEOUT_MS));
	err = host_exited(shell->host, shell->id, status, error);
	if (err)
		return err;
	if (failure)
		ktstr_error_set(&reason, -failure, "execute '" BUSYBOX "': %s", strerror(failure));
	if (reason.code)
		return host_failed(shell->host, shell->id, failure ? "exec" : "kill", &reason,
				   error);
	return host_done(shell->host, shell->id, error);
}

static void shell_free(void *data)
{
	struct shell *shell = data;

	if (shell->port_fd >= 0)
		close(shell->port_fd);
	if (shell->inner_fd >= 0)
		close(shell->inner_fd);
	if (shell->exec_fd >= 0)
		close(shell->exec_fd);
	json_decref(shell->message);
	free(shell);
}

static const struct job_ops shell_ops = {
	.watch = shell_watch,
	.tick = shell_tick,
	.finish = shell_finish,
	.free = shell_free,
};

static int parse(struct shell *shell, const struct frame *frame, struct ktstr_error *reason)
{
	int err = message_parse(frame, &shell->message, reason);

	if (err)
		return err;
	err = field_integer(shell->message, "id", &shell->id, reason);
	if (!err)
		err = field_string_or_null(shell->message, "exec", &shell->command, reason);
	if (!err)
		err = field_string(shell->message, "term", &shell->term, reason);
	if (!err)
		err = field_integer(shell->message, "rows", &shell->rows, reason);
	if (!err)
		err = field_integer(shell->message, "columns", &shell->columns, reason);
	return err ? ktstr_error_wrap(reason, err, "message SHELL") : 0;
}

/* Both ends of a pseudoterminal of the host's size. */
static int open_terminal(struct shell *shell, int *ret_theirs, struct ktstr_error *reason)
{
	auto_close int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct winsize size = { .ws_row = (unsigned short)shell->rows,
				.ws_col = (unsigned short)shell->columns };
	char path[64];
	int theirs;

	if (master < 0 || grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, path, sizeof(path)))
		return ktstr_error_set(reason, -errno, "open a pseudoterminal: %s",
				       strerror(errno));
	theirs = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (theirs < 0)
		return ktstr_error_set(reason, -errno, "open '%s': %s", path, strerror(errno));
	ioctl(master, TIOCSWINSZ, &size);
	shell->inner_fd = take_fd(&master);
	*ret_theirs = theirs;
	return 0;
}

static int open_port(struct shell *shell, struct ktstr_error *reason)
{
	struct port port = { .name = WIRE_PORT_TTY };
	int err = ports_open(&port, 1, clock_deadline_ms(PORT_TIMEOUT_MS), reason);

	if (!err)
		shell->port_fd = port.fd;
	return err;
}

static int start_process(struct shell *shell, pid_t *ret_pid, struct ktstr_error *reason)
{
	static const char run_command[] = INSTALL_APPLETS "exec " BUSYBOX " sh -c \"$1\"";
	static const char run_shell[] = INSTALL_APPLETS "exec " BUSYBOX " sh -l";
	char *argv[] = { (char *)"sh",
			 (char *)"-c",
			 (char *)(shell->command ? run_command : run_shell),
			 (char *)"sh",
			 (char *)shell->command,
			 NULL };
	char term[128];
	char *env[] = { (char *)"PATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin",
			(char *)"HOME=/",
			(char *)"LC_ALL=C.UTF-8",
			(char *)"PS1=ktstr:\\w# ",
			term,
			NULL };
	auto_close int theirs = -1;
	struct child_config config = { .path = BUSYBOX,
				       .argv = argv,
				       .env = env,
				       .stdin_fd = -1,
				       .keep_fd = -1,
				       .tty_fd = -1 };
	int err;

	snprintf(term, sizeof(term), "TERM=%s", shell->term);
	err = shell->command ? child_pipe(&shell->inner_fd, &theirs, reason)
			     : open_terminal(shell, &theirs, reason);
	if (err)
		return err;
	config.output_fd = theirs;
	config.tty_fd = shell->command ? -1 : theirs;
	return child_start(&config, ret_pid, &shell->exec_fd, reason);
}

int shell_start(const struct job_context *context, const struct frame *frame, struct job *ret_job,
		struct ktstr_error *error)
{
	struct shell *shell = calloc(1, sizeof(*shell));
	struct ktstr_error reason = { 0 };
	pid_t pid = 0;
	int err;

	if (!shell)
		return ktstr_error_set(error, -ENOMEM, "message SHELL: no memory");
	shell->host = context->host;
	shell->port_fd = shell->inner_fd = shell->exec_fd = -1;
	err = parse(shell, frame, &reason);
	if (!err)
		err = open_port(shell, &reason);
	if (!err)
		err = start_process(shell, &pid, &reason);
	if (err) {
		err = host_failed(shell->host, shell->id, "shell", &reason, error);
		shell_free(shell);
		return err;
	}
	relay_init(&shell->output, shell->inner_fd, shell->port_fd);
	relay_init(&shell->input, shell->port_fd, shell->inner_fd);
	*ret_job =
		(struct job){ .ops = &shell_ops, .data = shell, .pid = pid, .wake_ns = UINT64_MAX };
	return 0;
}
