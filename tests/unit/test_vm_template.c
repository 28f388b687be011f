// SPDX-License-Identifier: GPL-2.0-only
/* Templates on disk: whatever happened to one, it is used whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "template_fixture.h"
#include "unit.h"

#define RAM_BYTES 65536

static void template_open_gives_what_was_written(void **state)
{
	struct template_fixture *fixture = *state;
	struct template *template = NULL;
	struct ktstr_error error = { 0 };
	char text[17] = "";
	struct stat st;

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	if (template_open(fixture->store.root, &fixture->keys[0], &template, &error))
		fail_msg("%s", error.text);
	assert_string_equal(template->about.name, fixture->keys[0].name);
	assert_string_equal(template->about.kernel, "7.2.13");
	assert_string_equal(template->about.topology, "1n1l2c1t");
	assert_int_equal(template->about.memory_mib, 1024);
	assert_int_equal(pread(template->state_fd, text, 16, 0), 16);
	assert_string_equal(text, "state of devices");
	assert_int_equal(fstat(template->ram_fd, &st), 0);
	assert_int_equal(st.st_size, RAM_BYTES);
	/* For reading only: nothing that is done to a copy can reach it. */
	assert_int_equal(fcntl(template->ram_fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	/* That was a use. */
	assert_int_equal(stat(fixture_path(fixture, 0, TEMPLATE_META), &st), 0);
	assert_true(st.st_mtim.tv_sec > 1000);
	template_free(template);
}

/* --- damage --- */

static void overwrite(const char *path, off_t at, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
	close(fd);
}

static void flip_state(const struct template_fixture *fixture)
{
	overwrite(fixture_path(fixture, 0, TEMPLATE_STATE), 7, "X");
}

static void cut_state(const struct template_fixture *fixture)
{
	assert_int_equal(truncate(fixture_path(fixture, 0, TEMPLATE_STATE), 15), 0);
}

static void empty_state(const struct template_fixture *fixture)
{
	assert_int_equal(truncate(fixture_path(fixture, 0, TEMPLATE_STATE), 0), 0);
}

static void remove_state(const struct template_fixture *fixture)
{
	assert_int_equal(unlink(fixture_path(fixture, 0, TEMPLATE_STATE)), 0);
}

static void flip_ram(const struct template_fixture *fixture)
{
	overwrite(fixture_path(fixture, 0, TEMPLATE_RAM), RAM_BYTES / 2, "X");
}

static void cut_ram(const struct template_fixture *fixture)
{
	assert_int_equal(truncate(fixture_path(fixture, 0, TEMPLATE_RAM), RAM_BYTES - 4096), 0);
}

/* A copy with the same content and time, as a backup brings it back. */
static void replace_ram(const struct template_fixture *fixture)
{
	char command[512];
	int length = snprintf(command, sizeof(command), "cd %s && cp -p ram new && mv -f new ram",
			      fixture_path(fixture, 0, NULL));

	assert_true(length < (int)sizeof(command));
	assert_int_equal(system(command), 0);
}

static void link_ram(const struct template_fixture *fixture)
{
	unlink(fixture_path(fixture, 0, TEMPLATE_RAM));
	assert_int_equal(symlink("/etc/passwd", fixture_path(fixture, 0, TEMPLATE_RAM)), 0);
}

static void remove_ram(const struct template_fixture *fixture)
{
	assert_int_equal(unlink(fixture_path(fixture, 0, TEMPLATE_RAM)), 0);
}

static void remove_meta(const struct template_fixture *fixture)
{
	assert_int_equal(unlink(fixture_path(fixture, 0, TEMPLATE_META)), 0);
}

static void cut_meta(const struct template_fixture *fixture)
{
	assert_int_equal(truncate(fixture_path(fixture, 0, TEMPLATE_META), 100), 0);
}

/* Replace what the row says in meta.json, which must have it. */
static void edit_meta(const struct template_fixture *fixture, const char *from, const char *to)
{
	char *text, *at;

	assert_int_equal(file_read(AT_FDCWD, fixture_path(fixture, 0, TEMPLATE_META), 1 << 16, &text,
				   NULL, NULL), 0);
	at = strstr(text, from);
	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	overwrite(fixture_path(fixture, 0, TEMPLATE_META), at - text, to);
	free(text);
}

static void edit_format(const struct template_fixture *fixture)
{
	edit_meta(fixture, "\"format\": 1", "\"format\": 9");
}

static void edit_key(const struct template_fixture *fixture)
{
	edit_meta(fixture, "guest number 0", "guest number 8");
}

static void edit_name(const struct template_fixture *fixture)
{
	edit_meta(fixture, "\"kernel\"", "\"colonel");
}

static void edit_boot(const struct template_fixture *fixture)
{
	edit_meta(fixture, "\"boot_id\": \"", "\"boot_id\": x");
}

static void age(const struct template_fixture *fixture)
{
	char *text, *at;

	assert_int_equal(file_read(AT_FDCWD, fixture_path(fixture, 0, TEMPLATE_META), 1 << 16, &text,
				   NULL, NULL), 0);
	at = strstr(text, "\"boot_id\": \"");
	assert_non_null(at);
	overwrite(fixture_path(fixture, 0, TEMPLATE_META), at - text + 12, "00000000");
	free(text);
}

static const struct {
	const char *name;
	void (*damage)(const struct template_fixture *fixture);
	int code;
	const char *part;
} damages[] = {
	{ "flip_state", flip_state, -EBADMSG, "'state' was changed: its hash is" },
	{ "cut_state", cut_state, -EBADMSG, "'state' was changed: its bytes is 15, meta.json says 16" },
	{ "empty_state", empty_state, -EBADMSG, "'state' has 0 bytes" },
	{ "remove_state", remove_state, -EBADMSG, "'state': No such file" },
	{ "flip_ram", flip_ram, -EBADMSG, "'ram' was changed: its mtime_" },
	{ "cut_ram", cut_ram, -EBADMSG, "'ram' was changed: its bytes is 61440, meta.json says 65536" },
	{ "replace_ram", replace_ram, -EBADMSG, "'ram' was changed: its inode" },
	{ "link_ram", link_ram, -EBADMSG, "'ram': " },
	{ "remove_ram", remove_ram, -EBADMSG, "'ram': No such file" },
	{ "remove_meta", remove_meta, -EBADMSG, "meta.json" },
	{ "cut_meta", cut_meta, -EBADMSG, "'meta.json' is none of ktstr's" },
	{ "edit_format", edit_format, -EBADMSG, "'meta.json' is none of ktstr's" },
	{ "edit_key", edit_key, -EBADMSG, "'meta.json' describes another guest" },
	{ "edit_name", edit_name, -EBADMSG, "meta.json" },
	{ "edit_boot", edit_boot, -EBADMSG, "'meta.json' is none of ktstr's" },
	{ "age", age, -ESTALE, "it is of an earlier boot of this machine" },
};

static void template_open_refuses_what_was_changed(void **state)
{
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct template_fixture *fixture;
		struct template *template = NULL;
		struct ktstr_error error = { 0 };
		void *own;
		int err;

		assert_int_equal(template_setup(&own), 0);
		fixture = own;
		fixture_add(fixture, 0, RAM_BYTES, 1000);
		damages[i].damage(fixture);
		err = template_open(fixture->store.root, &fixture->keys[0], &template, &error);
		if (err != damages[i].code || template || !strstr(error.text, damages[i].part))
			fail_msg("%s: %d '%s'", damages[i].name, err, error.text);
		assert_contains(error.text, fixture->keys[0].name);
		template_teardown(&own);
	}
	setenv(TEMPLATE_DIR_ENV, ((struct template_fixture *)*state)->dir, 1);
}

static void template_open_finds_nothing_where_nothing_is(void **state)
{
	struct template_fixture *fixture = *state;
	struct template_key key = { .name = "0000000000000000", .text = (char *)"" };
	struct template *template = NULL;

	assert_int_equal(template_open(fixture->store.root, &key, &template, NULL), -ENOENT);
}

/* --- the store --- */

static void template_store_open_checks_what_it_is_told(void **state)
{
	struct template_store store;
	struct ktstr_error error = { 0 };

	(void)state;
	setenv(TEMPLATE_BUDGET_ENV, "4", 1);
	assert_int_equal(template_store_open(&store, &error), -EINVAL);
	assert_contains(error.text, TEMPLATE_BUDGET_ENV ": '4' has no unit");
	setenv(TEMPLATE_BUDGET_ENV, "3MiB", 1);
	assert_int_equal(template_store_open(&store, &error), 0);
	assert_int_equal(store.budget_bytes, 3 << 20);
	template_store_close(&store);
	unsetenv(TEMPLATE_BUDGET_ENV);
	setenv(TEMPLATE_HOT_ENV, "-1", 1);
	assert_int_equal(template_store_open(&store, &error), -EINVAL);
	assert_contains(error.text, TEMPLATE_HOT_ENV " '-1' is no number of tests");
	setenv(TEMPLATE_HOT_ENV, "0", 1);
	assert_int_equal(template_store_open(&store, &error), 0);
	assert_int_equal(store.hot_tests, 0);
	template_store_close(&store);
	unsetenv(TEMPLATE_HOT_ENV);
	assert_int_equal(template_store_open(&store, &error), 0);
	assert_int_equal(store.budget_bytes, TEMPLATE_BUDGET_DEFAULT);
	assert_int_equal(store.hot_tests, TEMPLATE_HOT_DEFAULT);
	template_store_close(&store);
}

static const struct template_listing *listed(const struct template_list *list,
					     const struct template_fixture *fixture, unsigned index)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, fixture->keys[index].name) == 0)
			return &list->items[i];
	return NULL;
}

static void template_store_list_tells_use_and_damage(void **state)
{
	struct template_fixture *fixture = *state;
	auto_template_list struct template_list list = { 0 };
	struct template *template = NULL;

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	fixture_add(fixture, 1, RAM_BYTES, 3000);
	fixture_add(fixture, 2, RAM_BYTES, 2000);
	cut_state(fixture);
	assert_int_equal(template_open(fixture->store.root, &fixture->keys[2], &template, NULL), 0);
	assert_int_equal(template_store_list(&fixture->store, &list, NULL), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0].name, fixture->keys[2].name); /* used just now */
	assert_string_equal(list.items[1].name, fixture->keys[1].name);
	assert_true(list.items[0].in_use);
	assert_false(list.items[1].in_use);
	assert_true(list.items[1].bytes >= RAM_BYTES);
	assert_int_equal(list.items[1].damage.code, 0);
	assert_int_equal(listed(&list, fixture, 0)->damage.code, -EBADMSG);
	template_free(template);
}

static void template_store_remove_takes_the_beginning_of_a_name(void **state)
{
	struct template_fixture *fixture = *state;
	char name[TEMPLATE_NAME_DIGITS + 1], start[5];
	struct ktstr_error error = { 0 };

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	fixture_add(fixture, 1, RAM_BYTES, 1000);
	assert_int_equal(template_store_remove(&fixture->store, "nothing", name, &error), -ENOENT);
	assert_contains(error.text, "there is no template 'nothing'");
	assert_int_equal(template_store_remove(&fixture->store, "", name, &error), -ENOENT);
	snprintf(start, sizeof(start), "%.4s", fixture->keys[1].name);
	assert_int_equal(template_store_remove(&fixture->store, start, name, &error), 0);
	assert_string_equal(name, fixture->keys[1].name);
	assert_int_equal(fixture_count(fixture, fixture->keys[1].name), 0);
	assert_int_equal(fixture_count(fixture, fixture->keys[0].name), 1);
	assert_int_equal(fixture_count(fixture, ".stage-"), 0);
}

#define EACH_BYTES (1u << 20)

static void template_store_prune_evicts_what_was_not_used_for_longest(void **state)
{
	struct template_fixture *fixture = *state;
	struct template_pruned pruned = { 0 };
	struct template *template = NULL;

	for (unsigned i = 0; i < 6; i++)
		fixture_add(fixture, i, EACH_BYTES, 1000 + i);
	/* 0, the oldest, is in use; that makes it the latest too, so give it its time back. */
	assert_int_equal(template_open(fixture->store.root, &fixture->keys[0], &template, NULL), 0);
	assert_int_equal(utimensat(AT_FDCWD, fixture_path(fixture, 0, TEMPLATE_META),
				   (struct timespec[]){ { .tv_sec = 1 }, { .tv_sec = 1 } }, 0), 0);
	/* Room for three and a half: 5, 4, and 1, which is spared; 0 cannot go. */
	fixture->store.budget_bytes = 3 * EACH_BYTES + EACH_BYTES / 2;
	assert_int_equal(template_store_prune(&fixture->store, fixture->keys[1].name, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[2].name), 0);
	fixture->store.budget_bytes = 0;
	assert_int_equal(template_store_prune(&fixture->store, fixture->keys[1].name, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 3);
	assert_true(pruned.bytes >= 3 * EACH_BYTES);
	assert_int_equal(fixture_count(fixture, fixture->keys[0].name), 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[1].name), 1);
	template_free(template);
	assert_int_equal(template_store_prune(&fixture->store, NULL, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 2);
}

static void template_store_prune_removes_what_is_of_no_use(void **state)
{
	struct template_fixture *fixture = *state;
	struct template_pruned pruned = { 0 };

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	fixture_add(fixture, 1, RAM_BYTES, 1000);
	age(fixture);
	assert_int_equal(template_store_prune(&fixture->store, NULL, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[0].name), 0);
	assert_int_equal(fixture_count(fixture, fixture->keys[1].name), 1);
}

/* A boot is dearer than loading a test binary. */
static void template_store_prune_evicts_hot_ones_first(void **state)
{
	struct template_fixture *fixture = *state;
	struct template_pruned pruned = { 0 };

	fixture_add(fixture, 0, EACH_BYTES, 1000);
	fixture_add_hot(fixture, 1, EACH_BYTES, 3000, "000000000000000a");
	fixture_add_hot(fixture, 2, EACH_BYTES, 2000, "000000000000000b");
	fixture->store.budget_bytes = 2 * EACH_BYTES + EACH_BYTES / 2;
	assert_int_equal(template_store_prune(&fixture->store, NULL, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[2].name), 0);
	fixture->store.budget_bytes = EACH_BYTES + EACH_BYTES / 2;
	assert_int_equal(template_store_prune(&fixture->store, NULL, &pruned, NULL), 0);
	assert_int_equal(fixture_count(fixture, fixture->keys[1].name), 0);
	assert_int_equal(fixture_count(fixture, fixture->keys[0].name), 1);
}

/* Each build of a test makes one; only the last is of use, and what is in use stays. */
static void template_store_prune_keeps_the_last_build_of_a_slot(void **state)
{
	struct template_fixture *fixture = *state;
	struct template_pruned pruned = { 0 };
	struct template *template = NULL;

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	fixture_add_hot(fixture, 1, RAM_BYTES, 3000, "000000000000000a");
	fixture_add_hot(fixture, 2, RAM_BYTES, 3000, "000000000000000b");
	fixture_add_hot(fixture, 3, RAM_BYTES, 3000, "000000000000000a");
	fixture_add_hot(fixture, 4, RAM_BYTES, 2000, "000000000000000a");
	assert_int_equal(template_open(fixture->store.root, &fixture->keys[3], &template, NULL), 0);
	assert_string_equal(template->about.binary, "demo");
	assert_int_equal(template_store_prune(&fixture->store, NULL, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 0);
	/* Spared is what has just been made. */
	assert_int_equal(template_store_prune(&fixture->store, fixture->keys[4].name, &pruned, NULL), 0);
	assert_int_equal(pruned.count, 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[1].name), 0);
	template_free(template);
	assert_int_equal(template_store_prune(&fixture->store, fixture->keys[4].name, &pruned, NULL), 0);
	assert_int_equal(fixture_count(fixture, fixture->keys[3].name), 0);
	assert_int_equal(fixture_count(fixture, fixture->keys[4].name), 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[2].name), 1);
	assert_int_equal(fixture_count(fixture, fixture->keys[0].name), 1);
}

/* As it was written before there were hot ones. */
static void template_open_takes_a_description_without_a_binary(void **state)
{
	struct template_fixture *fixture = *state;
	struct template *template = NULL;

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	edit_meta(fixture, "\"binary\"", "\"bimary\"");
	edit_meta(fixture, "\"slot\"", "\"clot\"");
	assert_int_equal(template_open(fixture->store.root, &fixture->keys[0], &template, NULL), 0);
	assert_string_equal(template->about.binary, "");
	assert_string_equal(template->about.slot, "");
	template_free(template);
}

/* The lock belongs to whoever maps the memory, also when who opened the template has died. */
static void template_free_leaves_the_lock_to_those_who_inherited_it(void **state)
{
	struct template_fixture *fixture = *state;
	auto_template_list struct template_list list = { 0 };
	struct template *template = NULL;
	int hold[2];
	pid_t pid;

	fixture_add(fixture, 0, RAM_BYTES, 1000);
	assert_int_equal(template_open(fixture->store.root, &fixture->keys[0], &template, NULL), 0);
	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		char byte;

		close(hold[1]);
		_exit(read(hold[0], &byte, 1) != 0);
	}
	close(hold[0]);
	template_free(template);
	assert_int_equal(template_store_list(&fixture->store, &list, NULL), 0);
	assert_true(list.items[0].in_use);
	template_list_release(&list);
	close(hold[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(template_store_list(&fixture->store, &list, NULL), 0);
	assert_false(list.items[0].in_use);
}

#define in_store(test) cmocka_unit_test_setup_teardown(test, template_setup, template_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_store(template_open_gives_what_was_written),
		in_store(template_open_refuses_what_was_changed),
		in_store(template_open_finds_nothing_where_nothing_is),
		in_store(template_store_open_checks_what_it_is_told),
		in_store(template_store_list_tells_use_and_damage),
		in_store(template_store_remove_takes_the_beginning_of_a_name),
		in_store(template_store_prune_evicts_what_was_not_used_for_longest),
		in_store(template_store_prune_removes_what_is_of_no_use),
		in_store(template_store_prune_evicts_hot_ones_first),
		in_store(template_store_prune_keeps_the_last_build_of_a_slot),
		in_store(template_open_takes_a_description_without_a_binary),
		in_store(template_free_leaves_the_lock_to_those_who_inherited_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
