// SPDX-License-Identifier: GPL-2.0-only
/* Running apt in a private state folder. What goes into that folder is written by apt_state.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/program.h"
#include "vm/kernel/apt.h"
#include "vm/kernel/apt_state.h"

#define ARGUMENTS_MAX 96

struct apt {
	struct apt_state *state;
	const struct kernel_progress *progress;
	uint64_t deadline_ns;
	uint64_t total_bytes; /* of what is being downloaded; 0: not known */
};

int apt_open(const char *suite, uint64_t deadline_ns, const struct kernel_progress *progress,
	     struct apt **ret_apt, struct ktstr_error *error)
{
	auto_apt struct apt *apt = calloc(1, sizeof(*apt));
	int err;

	if (!apt)
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", suite);
	apt->progress = progress;
	apt->deadline_ns = deadline_ns;
	err = apt_state_open(suite, deadline_ns, &apt->state, error);
	if (err)
		return err;
	*ret_apt = take_pointer(apt);
	return 0;
}

void apt_free(struct apt *apt)
{
	if (!apt)
		return;
	apt_state_free(apt->state);
	free(apt);
}

/* What apt says when something fails, and what its user can do about it. */
static const struct {
	const char *said, *advice;
} advices[] = {
	{ "does not have a Release file",
	  "the mirror has no such suite: check its name (sid, trixie-backports, bookworm, ...)" },
	{ "Temporary failure resolving", "the mirror cannot be reached: check network and proxy" },
	{ "Could not resolve", "the mirror cannot be reached: check network and proxy" },
	{ "Could not connect", "the mirror cannot be reached: check network and proxy" },
	{ "Unable to connect", "the mirror cannot be reached: check network and proxy" },
	{ "Connection timed out", "the mirror cannot be reached: check network and proxy" },
	{ "Connection failed", "the mirror cannot be reached: check network and proxy" },
	{ "NO_PUBKEY",
	  "the suite's key is not known here: install a newer debian-archive-keyring" },
	{ "is not signed",
	  "its signature could not be checked: install a newer debian-archive-keyring" },
	{ "No space left", "the disk is full: make room below the cache folder" },
};

void apt_explain(const char *standard_error, char *text, size_t size)
{
	static const char *const kinds[] = { "E: ", "W: " };
	size_t used = 0;
	const char *advice = NULL;

	for (size_t i = 0; !advice && i < sizeof(advices) / sizeof(advices[0]); i++)
		if (strstr(standard_error, advices[i].said))
			advice = advices[i].advice;
	*text = '\0';
	/* Errors first; warnings only where apt gave no error. */
	for (size_t kind = 0; !used && kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		for (const char *line = standard_error; *line && used < size;) {
			size_t length = strcspn(line, "\n");

			/* The first one: those behind it are its consequences. */
			if (!used && !strncmp(line, kinds[kind], strlen(kinds[kind])))
				used = (size_t)snprintf(
					text, size, "apt says: %.*s",
					(int)(length - (line[length - 1] == '.')) - 3, line + 3);
			line += length + (line[length] == '\n');
		}
	if (!used)
		used = (size_t)snprintf(text, size, "apt gave no reason");
	if (advice && used < size)
		snprintf(text + used, size - used, "; %s", advice);
}

static void read_status(void *arg, const char *line)
{
	static const char download[] = "dlstatus:";
	const struct apt *apt = arg;
	const char *number;
	char *end;
	double pct;

	/* "dlstatus:<n>:<percent>:<text>", see APT::Status-Fd in apt's README.progress-reporting */
	if (strncmp(line, download, strlen(download)) != 0)
		return;
	number = strchr(line + strlen(download), ':');
	if (!number)
		return;
	pct = strtod(++number, &end);
	if (end != number)
		progress_share(apt->progress, pct, apt->total_bytes);
}

/* Runs apt-get or apt-cache with the options of our state, then the NULL-ended rest. */
static int run(struct apt *apt, const char *name, int dir, const char *const *rest,
	       struct program_result *ret_result, struct ktstr_error *error)
{
	const char *argv[ARGUMENTS_MAX] = { name };
	struct program program = {
		.argv = argv,
		.dir = dir,
		.deadline_ns = apt->deadline_ns,
		.stop_fd = -1,
		.status = read_status,
		.arg = apt,
	};
	size_t count = 1;
	int err;

	for (const char *const *option = apt_state_options(apt->state); *option; option++)
		argv[count++] = *option;
	while (*rest && count < ARGUMENTS_MAX - 1)
		argv[count++] = *rest++;
	if (*rest)
		return ktstr_error_set(error, -E2BIG, "%s: more than %d arguments", name,
				       ARGUMENTS_MAX - 1);
	err = program_run(&program, ret_result, error);
	return err ? apt_not_run(name, err, error) : 0;
}

/* A run that has to succeed. */
static int run_checked(struct apt *apt, const char *name, int dir, const char *const *rest,
		       char **ret_out, struct ktstr_error *error)
{
	auto_program_result struct program_result result = { 0 };
	char why[768];
	int err = run(apt, name, dir, rest, &result, error);

	if (err)
		return err;
	if (result.exit_code || result.signal) {
		apt_explain(result.err, why, sizeof(why));
		return ktstr_error_set(error, -EIO, "%s", why);
	}
	if (ret_out)
		*ret_out = take_pointer(result.out);
	return 0;
}

int apt_update(struct apt *apt, struct ktstr_error *error)
{
	static const char *const rest[] = { "update", NULL };
	int err;

	apt->total_bytes = 0;
	err = run_checked(apt, "apt-get", AT_FDCWD, rest, NULL, error);
	if (err)
		apt_state_discard(apt->state); /* a suite that does not exist leaves no folder */
	return err;
}

int apt_show(struct apt *apt, const char *package, char **ret_stanza, struct ktstr_error *error)
{
	const char *const rest[] = { "show", "--no-all-versions", "--", package, NULL };
	auto_program_result struct program_result result = { 0 };
	int err = run(apt, "apt-cache", AT_FDCWD, rest, &result, error);

	if (err)
		return err;
	if (result.exit_code || !*result.out)
		return ktstr_error_set(error, -ENOENT, "no package '%s'", package);
	*ret_stanza = take_pointer(result.out);
	return 0;
}

int apt_names(struct apt *apt, const char *prefix, char **ret_names, struct ktstr_error *error)
{
	const char *const rest[] = { "pkgnames", "--", prefix, NULL };

	return run_checked(apt, "apt-cache", AT_FDCWD, rest, ret_names, error);
}

int apt_download(struct apt *apt, const char *const *packages, int dir, uint64_t total_bytes,
		 struct ktstr_error *error)
{
	const char *rest[ARGUMENTS_MAX] = { "download" };
	size_t count = 1;

	while (*packages && count < ARGUMENTS_MAX - 1)
		rest[count++] = *packages++;
	apt->total_bytes = total_bytes;
	return run_checked(apt, "apt-get", dir, rest, NULL, error);
}
