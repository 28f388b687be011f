// SPDX-License-Identifier: GPL-2.0-only
/* Last words. Everything here may run in a signal handler. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "guest/crash.h"

#define SIGNAL_STACK_BYTES 16384

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

/* A signal handler has no argument to find it by. */
static int console_fd = -1;

static void say(const char *text)
{
	int err = file_write_all(console_fd, text, strlen(text));

	/* Nowhere left to report to. */
	(void)err;
}

static _Noreturn void end(void)
{
	say("\n");
	/* The serial port is slower than the restart. */
	tcdrain(console_fd);
	reboot(RB_AUTOBOOT);
	/* Not the init of a VM, or not root: then an ordinary end will do. */
	_exit(1);
}

static void hexadecimal(unsigned long value, char text[2 * sizeof(value) + 1])
{
	for (int i = 2 * sizeof(value) - 1; i >= 0; i--, value >>= 4)
		text[i] = "0123456789abcdef"[value & 0xf];
	text[2 * sizeof(value)] = '\0';
}

static void on_fatal_signal(int number, siginfo_t *info, void *context)
{
	char address[2 * sizeof(unsigned long) + 1];
	const char *name = sigabbrev_np(number);

	(void)context;
	/* Not a fault of ours but kill(2): a test may send an init what it likes. */
	if (info->si_code <= 0 && info->si_pid != getpid())
		return;
	hexadecimal((unsigned long)info->si_addr, address);
	say("PANIC: ktstr-guest: fatal signal SIG");
	say(name ? name : "?");
	say(" at address 0x");
	say(address);
	end();
}

void crash_setup(void)
{
	static char stack[SIGNAL_STACK_BYTES]; /* a stack overflow leaves no other */
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = on_fatal_signal,
		.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK,
	};

	console_fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++)
		sigaction(fatal_signals[i], &action, NULL);
}

void crash(const struct ktstr_error *error)
{
	say("PANIC: ktstr-guest: ");
	say(error->text);
	end();
}
