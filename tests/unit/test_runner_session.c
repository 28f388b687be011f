// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sessions against a VM that is a script: the functions of vm.h and bundle.h are defined here and
 * play back events. What a real QEMU does is for tests/vm.
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/session.h"
#include "wire/message_json.h"

#include "unit.h"

#include "fake_templates.h"

/* What the VM does next. Events up to the next WAIT come before the deadline of a wait. */
struct line {
	enum { END, CTL, LOG, CONSOLE, QMP, BROKEN, STOP, QEMU_EXIT, SILENCE } what;
	enum message_type type;
	const char *text; /* payload; "$RUN" in it becomes the id of the RUN request */
};

#define HELLO                                                                                 \
	{ CTL, MESSAGE_HELLO, "{\"protocol\": 1, \"kernel\": \"7.2.13\", \"uptime_us\": 900000, " \
			      "\"phases\": [{\"name\": \"init\", \"at_us\": 700000}], "      \
			      "\"topology\": {\"asked\": \"1n1l2c1t\", \"error\": null}}" }
#define DONE { CTL, MESSAGE_DONE, "{\"id\": 2}" }
#define EXITED(code) { CTL, MESSAGE_EXITED, "{\"id\": 2, \"exit_code\": " code ", \"signal\": null}" }
#define PASSED \
	{ CTL, MESSAGE_RESULT, "{\"outcome\": \"pass\", \"entries\": [], \"notes\": [], " \
			       "\"stats\": {\"cgroups\": []}}" }
#define SHUTDOWN_BY_GUEST { QMP, 0, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true}}" }

struct vm {
	const struct line *next;
	json_int_t last_id;
	bool ended;
	struct console *console;
	struct vm_times times;
	json_t *json;
	unsigned sent_run, sent_power_off;
	char run_text[2048];
};

static struct vm the_vm;
static const struct line *script, *second_script; /* of the next VM, and of the one after it */
static unsigned vms_alive;
static char starts[8]; /* of each VM: b(oot), d(raft), r(estore), derive a h(ot one) */

int vm_boot(const struct vm_config *config, struct vm **ret_vm, struct ktstr_error *error)
{
	if (!script)
		return ktstr_error_set(error, -ENOENT, "no QEMU here");
	assert_int_equal(config->topology.cores, 2);
	assert_int_equal(vms_alive, 0);
	if (strlen(starts) + 1 < sizeof(starts))
		starts[strlen(starts)] = "bdrh"[config->start];
	if (config->start != VM_START_BOOT)
		assert_int_equal(config->state_fd - config->ram_fd, 1);
	the_vm = (struct vm){ .next = script, .console = console_new() };
	the_vm.times.begin_ns = clock_now_ns();
	the_vm.times.machine_ns = the_vm.times.begin_ns + 1;
	the_vm.times.restored_ns = the_vm.times.begin_ns + 1;
	if (second_script)
		script = second_script;
	vms_alive++;
	*ret_vm = &the_vm;
	return 0;
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	console_free(vm->console);
	json_decref(vm->json);
	vms_alive--;
}

enum vm_event_kind vm_poll(struct vm *vm, uint64_t deadline_ns, struct vm_event *event)
{
	const struct line *line = vm->next;

	(void)deadline_ns; /* SILENCE stands for time passing */
	*event = (struct vm_event){ .kind = VM_EVENT_TIMEOUT };
	if (vm->ended) {
		event->kind = VM_EVENT_EXIT;
		return event->kind;
	}
	if (line->what == END)
		return event->kind;
	vm->next++;
	switch (line->what) {
	case CTL:
	case LOG:
		event->kind = line->what == CTL ? VM_EVENT_CTL : VM_EVENT_LOG;
		event->frame = (struct frame){ .type = line->type, .payload = (const uint8_t *)line->text,
					       .length = strlen(line->text) };
		break;
	case CONSOLE: {
		const char *at = line->text;

		console_feed(vm->console, at, strlen(at), &event->line);
		event->kind = VM_EVENT_CONSOLE;
		break;
	}
	case QMP:
		json_decref(vm->json);
		vm->json = json_loads(line->text, 0, NULL);
		event->json = vm->json;
		event->kind = VM_EVENT_QMP;
		break;
	case BROKEN:
		ktstr_error_set(&event->error, -EBADMSG, "%s", line->text);
		event->kind = VM_EVENT_BROKEN;
		break;
	case STOP:
		vm->next--; /* the descriptor stays readable */
		event->kind = VM_EVENT_WATCHED;
		break;
	case QEMU_EXIT:
		vm->ended = true;
		event->kind = VM_EVENT_EXIT;
		break;
	case SILENCE:
	case END:
		break;
	}
	return event->kind;
}

int vm_watch(struct vm *vm, int fd)
{
	(void)vm;
	(void)fd;
	return 0;
}

int vm_send_json(struct vm *vm, enum message_type type, const json_t *payload, uint64_t deadline_ns,
		 struct ktstr_error *error)
{
	char *text;

	(void)deadline_ns;
	if (vm->ended)
		return ktstr_error_set(error, -EPIPE, "QEMU is gone");
	vm->sent_run += type == MESSAGE_RUN;
	vm->sent_power_off += type == MESSAGE_POWER_OFF;
	if (type == MESSAGE_RUN) {
		text = json_dumps(payload, JSON_SORT_KEYS | JSON_COMPACT);
		snprintf(vm->run_text, sizeof(vm->run_text), "%s", text);
		free(text);
	}
	return 0;
}

json_int_t vm_next_id(struct vm *vm)
{
	return ++vm->last_id;
}

struct console *vm_console(struct vm *vm)
{
	return vm->console;
}

pid_t vm_qemu_pid(const struct vm *vm)
{
	(void)vm;
	return fake_templates.qemu_gone ? 0 : 1;
}

const char *vm_end_text(struct vm *vm)
{
	(void)vm;
	return "QEMU was killed by signal 9";
}

const struct vm_times *vm_times(const struct vm *vm)
{
	return &vm->times;
}

struct bundle {
	int unused;
};

static struct bundle the_bundle;
static bool bundle_takes_too_long;
static unsigned bundles_sent;

int bundle_new(const struct initramfs *initramfs, struct bundle **ret_bundle, struct ktstr_error *error)
{
	(void)initramfs;
	(void)error;
	*ret_bundle = &the_bundle;
	return 0;
}

void bundle_free(struct bundle *bundle)
{
	(void)bundle;
}

int bundle_add_program(struct bundle *bundle, const char *host_path, const char *guest_path,
		       struct ktstr_error *error)
{
	(void)bundle;
	(void)error;
	assert_string_equal(host_path, "/home/dev/demo");
	assert_string_equal(guest_path, "/ktstr/bin/demo");
	return 0;
}

int bundle_add_file(struct bundle *bundle, const char *host_path, const char *guest_path,
		    struct ktstr_error *error)
{
	(void)bundle;
	(void)error;
	assert_string_equal(host_path, "/home/dev/s.bpf.o");
	assert_string_equal(guest_path, "/ktstr/sched/s.bpf.o");
	return 0;
}

int bundle_send(const struct bundle *bundle, struct vm *vm, uint64_t deadline_ns,
		const struct bundle_listener *listener, struct ktstr_error *error)
{
	(void)bundle;
	(void)deadline_ns;
	(void)listener;
	if (bundle_takes_too_long)
		return ktstr_error_set(error, -ETIMEDOUT, "too long");
	bundles_sent++;
	vm->last_id = 1; /* one file */
	return vm->ended ? ktstr_error_set(error, -EPIPE, "gone") : 0;
}

static struct binary_scheduler scheduler = { .name = (char *)"s", .bpf_object = (char *)"s.bpf.o" };
static struct binary_test test = { .name = (char *)"t", .scheduler = &scheduler };
static struct test_binary binary = { .path = (char *)"/home/dev/demo" };
static struct test_plan plan = {
	.test = &test, .binary = &binary, .topology = { 1, 1, 2, 1 }, .duration_ms = 700,
	.timeout_ms = 5000, .workers_per_cgroup = 3, .bpf_object = "/home/dev/s.bpf.o",
	.check = { .max_gap_ms = 9 },
};

static const struct session_env env = { .stop_fd = 0 };

static const struct scene {
	const char *name;
	struct line lines[16];
	enum outcome_kind kind;
	const char *part;
	unsigned runs, power_offs;
} scenes[] = {
	{ "pass", { HELLO, { CTL, MESSAGE_EVENT, "{\"name\": \"step_start\", \"at_us\": 5, \"step\": 0}" },
		    PASSED, EXITED("0"), DONE, SHUTDOWN_BY_GUEST, { QEMU_EXIT } },
	  OUTCOME_PASS, "", 1, 0 },
	{ "no result", { HELLO, EXITED("3"), DONE, SHUTDOWN_BY_GUEST, { QEMU_EXIT } }, OUTCOME_NO_RESULT,
	  "status 3", 1, 0 },
	{ "scheduler did not load",
	  { HELLO, { CTL, MESSAGE_FAILED, "{\"id\": 2, \"stage\": \"scheduler\", \"text\": \"verifier\"}" },
	    { QEMU_EXIT } },
	  OUTCOME_FAIL, "verifier", 1, 0 },
	{ "scheduler died",
	  { HELLO, { CTL, MESSAGE_SCHED_EXIT, "{\"name\": \"s\", \"kind\": \"ERROR\", \"reason\": \"stall\", "
					      "\"trace\": \"\", \"at_us\": 1}" },
	    PASSED, EXITED("0"), DONE, { QEMU_EXIT } },
	  OUTCOME_SCHED_EXIT, "'s' died unexpectedly: ERROR, stall", 1, 0 },
	{ "wrong topology",
	  { { CTL, MESSAGE_HELLO, "{\"protocol\": 1, \"kernel\": \"7\", \"uptime_us\": 1, \"phases\": [], "
				  "\"topology\": {\"error\": \"asked 2, saw 1\"}}" },
	    { QEMU_EXIT } },
	  OUTCOME_BOOT_FAIL, "topology: asked 2, saw 1", 0, 0 },
	{ "another protocol",
	  { { CTL, MESSAGE_HELLO, "{\"protocol\": 9}" } }, OUTCOME_NO_RESULT, "protocol 9, this tool 1", 0, 0 },
	{ "silent boot", { { SILENCE } }, OUTCOME_BOOT_FAIL, "timed out after 62.0 s while the kernel booted",
	  0, 0 },
	{ "silent agent",
	  { { QMP, 0, "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"port-log\"}}" },
	    { QMP, 0, "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"port-ctl\"}}" },
	    { SILENCE } },
	  OUTCOME_BOOT_FAIL, "timed out after 62.0 s while the agent started, before it said hello", 0, 0 },
	{ "another port alone",
	  { { QMP, 0, "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"port-log\"}}" },
	    { SILENCE } },
	  OUTCOME_BOOT_FAIL, "while the kernel booted", 0, 0 },
	{ "agent gives up", { { CONSOLE, 0, "PANIC: mount /proc: no\n" }, { QEMU_EXIT } }, OUTCOME_BOOT_FAIL,
	  "agent: mount /proc: no", 0, 0 },
	{ "panic in the test",
	  { HELLO, { CONSOLE, 0, "[    2.0] Kernel panic - not syncing: boom\n" }, { QEMU_EXIT } },
	  OUTCOME_GUEST_PANIC, "guest crashed: Kernel panic - not syncing: boom", 1, 0 },
	{ "oops after a broken channel",
	  { HELLO, { BROKEN, 0, "crc" }, { CONSOLE, 0, "[    2.0] Oops: 0000 [#1]\n" }, { SILENCE } },
	  OUTCOME_GUEST_OOPS, "Oops: 0000", 1, 0 },
	{ "broken channel", { HELLO, { BROKEN, 0, "crc 1 is not 2" }, { SILENCE } }, OUTCOME_NO_RESULT,
	  "crc 1 is not 2", 1, 0 },
	{ "qemu dies", { HELLO, { QEMU_EXIT } }, OUTCOME_INFRA, "QEMU was killed by signal 9, while the test",
	  1, 0 },
	{ "guest resets", { HELLO, SHUTDOWN_BY_GUEST, { QEMU_EXIT } }, OUTCOME_NO_RESULT, "while the test", 1,
	  0 },
	{ "timeout", { HELLO, { SILENCE }, SHUTDOWN_BY_GUEST, { QEMU_EXIT } }, OUTCOME_TIMEOUT,
	  "timed out after 5.0 s while the test ran", 1, 1 },
	{ "hang", { HELLO, { SILENCE }, { SILENCE } }, OUTCOME_HANG, "does not answer any more", 1, 1 },
	{ "interrupted", { HELLO, { STOP } }, OUTCOME_INFRA, "interrupted while the test ran", 1, 0 },
	{ "interrupted as the test has ended", { HELLO, PASSED, EXITED("0"), DONE, { STOP } }, OUTCOME_INFRA,
	  "interrupted after the test had ended", 1, 0 },
	{ "two results", { HELLO, PASSED, PASSED, { SILENCE } }, OUTCOME_NO_RESULT,
	  "its end was not reported: message from the guest: a second result", 1, 0 },
	{ "not JSON", { HELLO, { CTL, MESSAGE_EVENT, "nonsense" }, { SILENCE } }, OUTCOME_NO_RESULT,
	  "message from the guest: ", 1, 0 },
	{ "a message of the host's", { HELLO, { CTL, MESSAGE_RUN, "{}" }, { SILENCE } }, OUTCOME_NO_RESULT,
	  "RUN (34) is no message of an agent", 1, 0 },
	{ "an exit code that is none",
	  { HELLO, { CTL, MESSAGE_EXITED, "{\"id\": 2, \"exit_code\": 4096}" }, { SILENCE } },
	  OUTCOME_NO_RESULT, "exit_code", 1, 0 },
};

static void session_run_reports_what_the_guest_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		const struct scene *scene = &scenes[i];
		struct run_facts facts;
		struct outcome outcome;

		script = scene->lines;
		session_run(&env, &plan, &facts);
		outcome_classify(&facts, false, &outcome);
		run_facts_release(&facts);
		if (outcome.kind != scene->kind || !strstr(outcome.text, scene->part))
			fail_msg("%s: got %s '%s'", scene->name, outcome_str(outcome.kind), outcome.text);
		if (the_vm.sent_run != scene->runs || the_vm.sent_power_off != scene->power_offs)
			fail_msg("%s: %u runs, %u requests to power off", scene->name, the_vm.sent_run,
				 the_vm.sent_power_off);
		assert_int_equal(vms_alive, 0);
	}
}

static void session_run_collects_logs_and_phases(void **state)
{
	static const struct line lines[] = {
		HELLO,
		{ LOG, MESSAGE_LOG_TEST, "hello " },
		{ LOG, MESSAGE_LOG_SCHED, "enabled" },
		{ LOG, MESSAGE_LOG_PROCESSES, "7 (demo) sleeps" },
		{ LOG, MESSAGE_LOG_TEST, "world" },
		{ CTL, MESSAGE_EVENT, "{\"name\": \"test_end\", \"at_us\": 5}" },
		{ CONSOLE, 0, "[    1.0] one line\n" },
		PASSED, EXITED("0"), DONE, SHUTDOWN_BY_GUEST, { QEMU_EXIT }, { END },
	};
	struct run_facts facts;

	(void)state;
	script = lines;
	session_run(&env, &plan, &facts);
	assert_string_equal(facts.kernel, "7.2.13");
	assert_string_equal(tail_text(&facts.test_log), "hello world");
	assert_string_equal(tail_text(&facts.scheduler_log), "enabled");
	assert_string_equal(tail_text(&facts.processes), "7 (demo) sleeps");
	assert_string_equal(facts.last_milestone, "test_end");
	assert_string_equal(facts.console, "[    1.0] one line");
	assert_int_equal(facts.stage, STAGE_DONE);
	assert_true(facts.phases_count >= 3);
	run_facts_release(&facts);
	assert_string_equal(the_vm.run_text,
		"{\"binary\":\"/ktstr/bin/demo\",\"check\":{\"isolation\":null,\"max_gap_ms\":9,"
		"\"max_spread_pct\":null,\"max_throughput_cv\":null,\"max_wake_latency_cv\":null,\"not_stuck\":null},\"duration_ms\":700,\"id\":2,"
		"\"scheduler\":{\"name\":\"s\",\"object\":\"/ktstr/sched/s.bpf.o\",\"struct_ops\":null},"
		"\"test\":\"t\",\"timeout_ms\":5000,\"topology\":\"1n1l2c1t\",\"verbose\":false,\"workers_per_cgroup\":3}");
}

static void session_run_says_why_there_is_no_vm(void **state)
{
	struct run_facts facts;
	struct outcome outcome;

	(void)state;
	script = NULL;
	session_run(&env, &plan, &facts);
	outcome_classify(&facts, true, &outcome);
	assert_int_equal(outcome.kind, OUTCOME_INFRA);
	assert_string_equal(outcome.text, "no QEMU here");
	run_facts_release(&facts);
}

static void session_run_says_that_the_bundle_took_too_long(void **state)
{
	static const struct line lines[] = { HELLO, SHUTDOWN_BY_GUEST, { QEMU_EXIT }, { END } };
	struct run_facts facts;
	struct outcome outcome;

	(void)state;
	script = lines;
	bundle_takes_too_long = true;
	session_run(&env, &plan, &facts);
	bundle_takes_too_long = false;
	outcome_classify(&facts, false, &outcome);
	assert_int_equal(outcome.kind, OUTCOME_TIMEOUT);
	assert_string_equal(outcome.text, "timed out after 60.0 s while the test binary was handed over");
	assert_int_equal(the_vm.sent_run, 0);
	assert_int_equal(the_vm.sent_power_off, 1);
	run_facts_release(&facts);
}

/* --- where the guest comes from --- */

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

static void session_run_takes_a_template_or_boots(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(origins); i++) {
		const struct origin *origin = &origins[i];
		struct template_store store = { .root = -1 };
		char notices[512] = "";
		const struct session_env with_templates = {
			.stop_fd = 0, .qemu = &(struct qemu){ .major = 10 },
			.accel = &(struct accel){ .kind = ACCEL_TCG }, .templates = &store,
			.notice = take_notice, .notice_data = notices,
		};
		struct run_facts facts;
		struct outcome outcome;

		fake_templates = origin->told;
		memset(starts, 0, sizeof(starts));
		script = origin->first;
		second_script = origin->second;
		session_run(&with_templates, &plan, &facts);
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
		const struct session_env with_templates = {
			.stop_fd = 0, .qemu = &(struct qemu){ .major = 10 },
			.accel = &(struct accel){ .kind = ACCEL_TCG }, .templates = &store,
			.group = &group, .notice = take_notice, .notice_data = notices,
		};
		struct run_facts facts;
		struct outcome outcome;

		test_group_init(&group, &plan);
		group.count = origin->alike;
		fake_templates = origin->told;
		memset(starts, 0, sizeof(starts));
		bundles_sent = 0;
		script = strcmp(origin->template, FAKE_HOT_NAME) ? passes : passes_hot;
		session_run(&with_templates, &plan, &facts);
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
	const struct session_env with_templates = {
		.stop_fd = 0, .qemu = &(struct qemu){ .major = 10 },
		.accel = &(struct accel){ .kind = ACCEL_TCG }, .templates = &store,
		.group = &group, .notice = take_notice, .notice_data = notices,
	};

	(void)state;
	test_group_init(&group, &plan);
	group.count = 3;
	fake_templates.prepare_err = -EREMOTEIO;
	memset(starts, 0, sizeof(starts));
	script = passes;
	for (int i = 0; i < 2; i++) {
		struct run_facts facts;

		session_run(&with_templates, &plan, &facts);
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
	const struct session_env with_templates = {
		.stop_fd = 0, .qemu = &(struct qemu){ .major = 10 },
		.accel = &(struct accel){ .kind = ACCEL_TCG }, .templates = &store,
		.group = &group, .notice = take_notice, .notice_data = notices,
	};
	struct run_facts facts;

	(void)state;
	test_group_init(&group, &plan);
	group.count = 3;
	fake_templates.interrupting = true;
	memset(starts, 0, sizeof(starts));
	script = passes;
	session_run(&with_templates, &plan, &facts);
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
		cmocka_unit_test(session_run_reports_what_the_guest_does),
		cmocka_unit_test(session_run_collects_logs_and_phases),
		cmocka_unit_test(session_run_says_why_there_is_no_vm),
		cmocka_unit_test(session_run_says_that_the_bundle_took_too_long),
		cmocka_unit_test(session_run_takes_a_template_or_boots),
		cmocka_unit_test(session_run_takes_a_hot_template_or_does_without),
		cmocka_unit_test(session_run_gives_up_a_hot_template_once),
		cmocka_unit_test(session_run_stops_while_a_hot_template_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
