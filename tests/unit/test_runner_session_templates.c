// SPDX-License-Identifier: GPL-2.0-only
/* Where the guest of a session comes from: a template, a hot one, or a boot. */
#include "fake_session.h"

static const struct line panics[] = {
	{ CONSOLE, 0, "[    2.0] Kernel panic - not syncing: boom\n" }, SHUTDOWN_BY_GUEST,
	{ QEMU_EXIT }, { END },
};
static const struct line stalls[] = {
	{ CONSOLE, 0, "[    2.0] rcu: INFO: rcu_sched self-detected stall on CPU\n" },
	HELLO, PASSED, EXITED("0"), DONE, { END },
};
static const struct line dies[] = { { QEMU_EXIT }, { END } };
static const struct line boots_and_passes[] = { HELLO, PASSED, EXITED("0"), DONE, { END } };
static const struct line passes[] = { PASSED, EXITED("0"), DONE, { END } };
/* Its first request is the RUN. */
static const struct line passes_hot[] = {
	PASSED, { CTL, MESSAGE_EXITED, "{\"id\": 1, \"exit_code\": 0, \"signal\": null}" },
	{ CTL, MESSAGE_DONE, "{\"id\": 1}" }, { END },
};

static const struct origin {
	const char *name;
	struct fake_templates told;
	const struct line *first, *second; /* VM; NULL: as the first */
	enum outcome_kind kind;
	const char *starts, *template;
	const char *notice; /* the only one; "": none */
	unsigned given_up;
	const char *removed;
} origins[] = {
	{ "there is one", { 0 }, passes, NULL, OUTCOME_PASS, "r", FAKE_TEMPLATE_NAME, "", 0, "" },
	{ "it cannot be had", { .obtain_err = -ENOSPC }, boots_and_passes, NULL, OUTCOME_PASS, "b", "",
	  "obtaining failed; booting without templates", 1, "" },
	{ "another makes it for too long", { .obtain_err = -EBUSY }, boots_and_passes, NULL,
	  OUTCOME_PASS, "b", "", "obtaining failed; booting without it", 0, "" },
	{ "it does not load", { .restore_err = -EPIPE }, passes, boots_and_passes, OUTCOME_PASS, "rb", "",
	  "template '" FAKE_TEMPLATE_NAME "' removed: restoring failed; booting without", 1,
	  FAKE_TEMPLATE_NAME },
	{ "QEMU is killed", { .restore_err = -EPIPE, .qemu_killed = true }, passes, boots_and_passes,
	  OUTCOME_PASS, "rb", "",
	  "template '" FAKE_TEMPLATE_NAME "': restoring failed; booting without it", 0, "" },
	{ "its agent is silent", { .resume_err = -ETIMEDOUT }, passes, boots_and_passes, OUTCOME_PASS,
	  "rb", "", "template '" FAKE_TEMPLATE_NAME "' removed: resuming failed; booting without", 1,
	  FAKE_TEMPLATE_NAME },
	{ "the user stops", { .interrupting = true }, passes, NULL, OUTCOME_INFRA, "r", "", "", 0, "" },
	{ "it is made", { .has_none = true }, boots_and_passes, passes, OUTCOME_PASS, "dr",
	  FAKE_TEMPLATE_NAME, "", 0, "" },
	{ "it cannot be saved", { .has_none = true, .save_err = -EREMOTEIO }, boots_and_passes, NULL,
	  OUTCOME_PASS, "d", "", "saving failed; going on without", 1, "" },
	{ "saving ends QEMU", { .has_none = true, .save_err = -EPIPE, .qemu_gone = true },
	  boots_and_passes, NULL, OUTCOME_PASS, "db", "", "saving failed; going on without", 1, "" },
	{ "it does not go on", { .has_none = true, .save_err = -EREMOTEIO, .continue_err = -ETIMEDOUT },
	  boots_and_passes, NULL, OUTCOME_PASS, "db", "", "saving failed; going on without", 1, "" },
	{ "the disk is full", { .has_none = true, .qemu_killed = true }, dies, boots_and_passes,
	  OUTCOME_PASS, "db", "", "template could not be made: QEMU was killed by signal 9; booting "
				  "without", 1, "" },
	/* Its own fault: it is reported, not tried again. */
	{ "the guest panics", { .has_none = true }, panics, NULL, OUTCOME_GUEST_PANIC, "d", "", "", 0,
	  "" },
	{ "the guest stalls in its boot", { .has_none = true }, stalls, NULL, OUTCOME_PASS, "d", "",
	  "no template is made of a guest with a kernel stall in its boot", 0, "" },
	{ "given up before", { .given_up = 1 }, boots_and_passes, NULL, OUTCOME_PASS, "b", "", "", 1, "" },
};

/* Tests that are alike, enough of them for a hot template (3) or not. */
static const struct hot_origin {
	const char *name;
	size_t alike;
	struct fake_templates told;
	const char *starts, *template;
	const char *notice;  /* the only one; "": none */
	unsigned bundles;    /* handed over to */
	const char *removed;
	bool given_up;
} hot_origins[] = {
	{ "there is one", 1, { .has_hot = true }, "r", FAKE_HOT_NAME, "", 0, "", false },
	{ "there is none for a test alone", 2, { 0 }, "r", FAKE_TEMPLATE_NAME, "", 1, "", false },
	{ "it is made", 3, { 0 }, "hr", FAKE_HOT_NAME, "", 1, "", false },
	{ "another makes it", 3, { .hot_obtain_err = -EBUSY }, "r", FAKE_TEMPLATE_NAME, "", 1, "", false },
	{ "the disk is full", 3, { .hot_obtain_err = -ENOSPC }, "r", FAKE_TEMPLATE_NAME,
	  "hot template: obtaining failed; its tests start without it", 1, "", true },
	{ "it is damaged", 1, { .hot_open_err = -EBADMSG }, "r", FAKE_TEMPLATE_NAME,
	  "opening failed; the test starts without it", 1, "", false },
	{ "it is damaged and made anew", 3, { .hot_open_err = -EBADMSG }, "hr", FAKE_HOT_NAME, "", 1, "",
	  false },
	{ "it does not load", 1, { .has_hot = true, .hot_is_bad = true }, "rr", FAKE_TEMPLATE_NAME,
	  "hot template '" FAKE_HOT_NAME "' removed: restoring failed; its tests start without it", 1,
	  FAKE_HOT_NAME, true },
	{ "QEMU is killed", 1, { .has_hot = true, .hot_is_bad = true, .qemu_killed = true }, "rr",
	  FAKE_TEMPLATE_NAME,
	  "hot template '" FAKE_HOT_NAME "': restoring failed; its tests start without it", 1, "", true },
	{ "the binary does not load", 3, { .prepare_err = -EREMOTEIO }, "hr", FAKE_TEMPLATE_NAME,
	  "hot template: preparing failed; its tests start without it", 2, "", true },
	{ "it cannot be saved", 3, { .hot_save_err = -EREMOTEIO }, "hr", FAKE_TEMPLATE_NAME,
	  "hot template: saving failed; its tests start without it", 2, "", true },
};

static void take_notice(void *data, const char *text)
{
	char *notices = data;

	strncat(notices, text, 511 - strlen(notices));
}

static struct session_env env_with(struct template_store *store, struct test_group *group,
				   char notices[512])
{
	static struct qemu qemu = { .major = 10 };
	static struct accel accel = { .kind = ACCEL_TCG };

	return (struct session_env){
		.stop_fd = 0, .qemu = &qemu, .accel = &accel, .templates = store,
		.group = group, .notice = take_notice, .notice_data = notices,
	};
}

static void session_run_takes_a_template_or_boots(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(origins); i++) {
		const struct origin *origin = &origins[i];
		struct template_store store = { .root = -1 };
		char notices[512] = "";
		const struct session_env env = env_with(&store, NULL, notices);
		struct run_facts facts;
		struct outcome outcome;

		fake_templates = origin->told;
		memset(starts, 0, sizeof(starts));
		script = origin->first;
		second_script = origin->second;
		session_run(&env, &plan, &facts);
		outcome_classify(&facts, false, &outcome);
		if (outcome.kind != origin->kind || strcmp(starts, origin->starts) != 0 ||
		    strcmp(facts.template, origin->template) != 0 ||
		    strcmp(notices, origin->notice) != 0)
			fail_msg("%s: %s, started '%s', template '%s', noticed '%s'", origin->name,
				 outcome_str(outcome.kind), starts, facts.template, notices);
		if (fake_templates.given_up != origin->given_up ||
		    strcmp(fake_templates.removed, origin->removed) != 0)
			fail_msg("%s: given up %u times, removed '%s'", origin->name,
				 fake_templates.given_up, fake_templates.removed);
		assert_int_equal(fake_templates.open, 0);
		assert_int_equal(vms_alive, 0);
		if (origin->kind == OUTCOME_PASS)
			assert_string_equal(facts.kernel, "7.2.13");
		run_facts_release(&facts);
	}
	fake_templates = (struct fake_templates){ 0 };
	second_script = NULL;
}

static void session_run_takes_a_hot_template_or_does_without(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hot_origins); i++) {
		const struct hot_origin *origin = &hot_origins[i];
		struct template_store store = { .root = -1, .hot_tests = 3 };
		struct test_group group;
		char notices[512] = "";
		const struct session_env env = env_with(&store, &group, notices);
		struct run_facts facts;
		struct outcome outcome;

		test_group_init(&group, &plan);
		group.count = origin->alike;
		fake_templates = origin->told;
		memset(starts, 0, sizeof(starts));
		bundles_sent = 0;
		script = strcmp(origin->template, FAKE_HOT_NAME) ? passes : passes_hot;
		session_run(&env, &plan, &facts);
		outcome_classify(&facts, false, &outcome);
		if (outcome.kind != OUTCOME_PASS || strcmp(starts, origin->starts) != 0 ||
		    strcmp(facts.template, origin->template) != 0 ||
		    strcmp(notices, origin->notice) != 0)
			fail_msg("%s: %s, started '%s', template '%s', noticed '%s'", origin->name,
				 outcome_str(outcome.kind), starts, facts.template, notices);
		if (bundles_sent != origin->bundles ||
		    strcmp(fake_templates.removed, origin->removed) != 0 ||
		    atomic_load(&group.hot_given_up) != origin->given_up)
			fail_msg("%s: %u bundles sent, removed '%s'", origin->name, bundles_sent,
				 fake_templates.removed);
		assert_string_equal(facts.kernel, "7.2.13");
		assert_int_equal(fake_templates.given_up, 0); /* the others are as good as before */
		assert_int_equal(fake_templates.open, 0);
		assert_int_equal(vms_alive, 0);
		run_facts_release(&facts);
		test_group_release(&group);
	}
	fake_templates = (struct fake_templates){ 0 };
}

/* What the group gave up is not tried again, and not told again. */
static void session_run_gives_up_a_hot_template_once(void **state)
{
	struct template_store store = { .root = -1, .hot_tests = 3 };
	struct test_group group;
	char notices[512] = "";
	const struct session_env env = env_with(&store, &group, notices);

	(void)state;
	test_group_init(&group, &plan);
	group.count = 3;
	fake_templates.prepare_err = -EREMOTEIO;
	memset(starts, 0, sizeof(starts));
	script = passes;
	for (int i = 0; i < 2; i++) {
		struct run_facts facts;

		session_run(&env, &plan, &facts);
		run_facts_release(&facts);
	}
	assert_string_equal(starts, "hrr");
	assert_string_equal(notices, "hot template: preparing failed; its tests start without it");
	fake_templates = (struct fake_templates){ 0 };
	test_group_release(&group);
}

static void session_run_stops_while_a_hot_template_is_made(void **state)
{
	struct template_store store = { .root = -1, .hot_tests = 3 };
	struct test_group group;
	char notices[512] = "";
	const struct session_env env = env_with(&store, &group, notices);
	struct run_facts facts;

	(void)state;
	test_group_init(&group, &plan);
	group.count = 3;
	fake_templates.interrupting = true;
	memset(starts, 0, sizeof(starts));
	script = passes;
	session_run(&env, &plan, &facts);
	assert_true(facts.interrupted);
	assert_string_equal(starts, "h");
	assert_string_equal(notices, "");
	assert_int_equal(fake_templates.open, 0);
	assert_int_equal(vms_alive, 0);
	run_facts_release(&facts);
	fake_templates = (struct fake_templates){ 0 };
	test_group_release(&group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_run_takes_a_template_or_boots),
		cmocka_unit_test(session_run_takes_a_hot_template_or_does_without),
		cmocka_unit_test(session_run_gives_up_a_hot_template_once),
		cmocka_unit_test(session_run_stops_while_a_hot_template_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
