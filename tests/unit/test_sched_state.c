// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "sched/state.h"
#include "unit.h"

/* A folder that looks like /sys/kernel/sched_ext. */
static char sysfs[64];

static void put(const char *file, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", sysfs, file);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void take_away(const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", sysfs, file);
	if (unlink(path))
		rmdir(path);
}

static int make_sysfs(void **state)
{
	char path[128];

	(void)state;
	snprintf(sysfs, sizeof(sysfs), "/tmp/ktstr-test-sysfs-XXXXXX");
	assert_non_null(mkdtemp(sysfs));
	snprintf(path, sizeof(path), "%s/root", sysfs);
	return mkdir(path, 0700);
}

static int remove_sysfs(void **state)
{
	(void)state;
	take_away("root/ops");
	take_away("root");
	take_away("state");
	return rmdir(sysfs);
}

static const struct {
	const char *text;
	enum scx_state state;
	bool down;
} states[] = {
	{ "enabling", SCX_STATE_ENABLING, false }, { "enabled", SCX_STATE_ENABLED, false },
	{ "disabling", SCX_STATE_DISABLING, true }, { "disabled", SCX_STATE_DISABLED, true },
	{ "resting", SCX_STATE_UNKNOWN, false },   { "", SCX_STATE_UNKNOWN, false },
};

static void state_read_knows_which_words_mean_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		enum scx_state seen;
		char line[32];

		snprintf(line, sizeof(line), "%s\n", states[i].text);
		put("state", line);
		assert_int_equal(scx_state_read(sysfs, &seen, NULL), 0);
		assert_int_equal(seen, states[i].state);
		assert_int_equal(scx_state_is_down(seen), states[i].down);
		if (seen != SCX_STATE_UNKNOWN)
			assert_string_equal(scx_state_str(seen), states[i].text);
	}
	assert_string_equal(scx_state_str((enum scx_state)99), "unknown");
}

static void state_read_names_a_kernel_without_sched_ext(void **state)
{
	struct ktstr_error error = { 0 };
	enum scx_state seen;

	(void)state;
	assert_int_equal(scx_state_read("/nonexistent/sched_ext", &seen, &error), -ENOTSUP);
	assert_contains(error.text, "kernel has no sched_ext");
	assert_contains(error.text, "/nonexistent/sched_ext");
}

static void state_wait_wants_exactly_this_scheduler(void **state)
{
	struct ktstr_error error = { 0 };

	(void)state;
	put("state", "enabled\n");
	put("root/ops", "mine\n");
	assert_int_equal(scx_state_wait(sysfs, SCX_STATE_ENABLED, "mine", 0, &error), 0);
	put("root/ops", "mine_too\n");
	assert_int_equal(scx_state_wait(sysfs, SCX_STATE_ENABLED, "mine", 0, &error), -ETIMEDOUT);
	assert_contains(error.text, "'mine'");
	assert_contains(error.text, "enabled with 'mine_too'");
	assert_int_equal(scx_state_wait(sysfs, SCX_STATE_DISABLED, "mine", 0, &error), -ETIMEDOUT);
	assert_contains(error.text, "waited for sched_ext to be disabled, it is enabled");
}

static void state_wait_gives_up_when_it_went_down(void **state)
{
	struct ktstr_error error = { 0 };
	char name[SCX_OPS_NAME_MAX];

	(void)state;
	put("state", "disabled\n");
	take_away("root/ops");
	assert_int_equal(scx_ops_read(sysfs, name, NULL), 0);
	assert_string_equal(name, "");
	assert_int_equal(scx_state_wait(sysfs, SCX_STATE_ENABLED, "mine",
					clock_deadline_ms(60000), &error), -ECONNABORTED);
	assert_contains(error.text, "'mine' did not stay enabled");
	assert_int_equal(scx_state_wait(sysfs, SCX_STATE_DISABLED, "mine", 0, &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_read_knows_which_words_mean_down),
		cmocka_unit_test(state_read_names_a_kernel_without_sched_ext),
		cmocka_unit_test(state_wait_wants_exactly_this_scheduler),
		cmocka_unit_test(state_wait_gives_up_when_it_went_down),
	};

	return cmocka_run_group_tests(tests, make_sysfs, remove_sysfs);
}
