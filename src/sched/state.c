// SPDX-License-Identifier: GPL-2.0-only
/* The state of sched_ext as sysfs shows it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "sched/state.h"

/* sysfs does not notify of a change (7.2: no sysfs_notify in kernel/sched/ext), so we look again.
 */
#define LOOK_AGAIN_NS (10 * NS_PER_MS)
#define SYSFS_MAX_BYTES 4096

static const char *const state_texts[] = { [SCX_STATE_UNKNOWN] = "unknown",
#define X(name, text) [SCX_STATE_##name] = text,
					   SCX_STATES(X)
#undef X
};

const char *scx_state_str(enum scx_state state)
{
	return (unsigned)state < sizeof(state_texts) / sizeof(state_texts[0])
		       ? state_texts[state]
		       : state_texts[SCX_STATE_UNKNOWN];
}

enum scx_state scx_state_parse(const char *text)
{
	for (unsigned i = SCX_STATE_UNKNOWN + 1; i < sizeof(state_texts) / sizeof(state_texts[0]);
	     i++)
		if (!strcmp(state_texts[i], text))
			return (enum scx_state)i;
	return SCX_STATE_UNKNOWN;
}

bool scx_state_is_down(enum scx_state state)
{
	return state == SCX_STATE_DISABLING || state == SCX_STATE_DISABLED;
}

/* The first line of a sysfs file, without its newline. */
static int read_line(const char *sysfs, const char *file, char *line, size_t size,
		     struct ktstr_error *error)
{
	auto_close int folder = open(sysfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *text = NULL;
	int err;

	if (folder < 0 && errno == ENOENT)
		return ktstr_error_set(error, -ENOTSUP,
				       "kernel has no sched_ext ('%s' does not exist): "
				       "CONFIG_SCHED_CLASS_EXT=y is needed",
				       sysfs);
	if (folder < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", sysfs, strerror(errno));
	err = file_read(folder, file, SYSFS_MAX_BYTES, &text, NULL, error);
	if (err)
		return err;
	text[strcspn(text, "\n")] = '\0';
	snprintf(line, size, "%s", text);
	return 0;
}

int scx_state_read(const char *sysfs, enum scx_state *ret_state, struct ktstr_error *error)
{
	char line[32];
	int err = read_line(sysfs, "state", line, sizeof(line), error);

	if (!err)
		*ret_state = scx_state_parse(line);
	return err;
}

int scx_ops_read(const char *sysfs, char name[SCX_OPS_NAME_MAX], struct ktstr_error *error)
{
	/* The folder "root" exists only while a scheduler is enabled. */
	int err = read_line(sysfs, "root/ops", name, SCX_OPS_NAME_MAX, error);

	if (err == -ENOENT || err == -ENODEV) {
		name[0] = '\0';
		return 0;
	}
	return err;
}

static int state_matches(const char *sysfs, enum scx_state wanted, const char *name,
			 enum scx_state *state, char seen[SCX_OPS_NAME_MAX],
			 struct ktstr_error *error)
{
	int err = scx_state_read(sysfs, state, error);

	seen[0] = '\0';
	if (!err)
		err = scx_ops_read(sysfs, seen, error);
	if (err)
		return err;
	return *state == wanted && (wanted != SCX_STATE_ENABLED || !strcmp(seen, name));
}

int scx_state_wait(const char *sysfs, enum scx_state wanted, const char *name, uint64_t deadline_ns,
		   struct ktstr_error *error)
{
	const struct timespec pause = clock_timespec(LOOK_AGAIN_NS);

	for (;;) {
		char seen[SCX_OPS_NAME_MAX];
		enum scx_state state;
		int result = state_matches(sysfs, wanted, name, &state, seen, error);

		if (result)
			return result < 0 ? result : 0;
		if (wanted == SCX_STATE_ENABLED && scx_state_is_down(state))
			return ktstr_error_set(
				error, -ECONNABORTED,
				"scheduler '%s' did not stay enabled: sched_ext is %s", name,
				scx_state_str(state));
		if (clock_now_ns() >= deadline_ns)
			return ktstr_error_set(
				error, -ETIMEDOUT,
				"scheduler '%s': waited for sched_ext to be %s, it is %s with '%s'",
				name, scx_state_str(wanted), scx_state_str(state), seen);
		nanosleep(&pause, NULL);
	}
}
