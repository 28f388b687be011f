// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "guest/files.h"
#include "unit.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/ktstr-test-files-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const char *below(const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", folder, name);
	return path;
}

static json_t *announce(const char *path, json_int_t size)
{
	return json_pack("{s:i, s:s, s:i, s:I}", "id", 5, "path", path, "mode", 0750, "size", size);
}

static void expect_content(const char *path, const char *content)
{
	char *data = NULL;
	size_t size;

	assert_int_equal(file_read(AT_FDCWD, path, 4096, &data, &size, NULL), 0);
	assert_int_equal(size, strlen(content));
	assert_memory_equal(data, content, size);
	free(data);
}

static void file_receiver_stores_a_file_in_pieces(void **state)
{
	enum file_progress progress = FILE_DROPPED;
	struct file_receiver receiver;
	struct stat status;
	char path[256];
	json_t *message = announce(below("deep/er/file", path), 6);

	(void)state;
	file_receiver_init(&receiver);
	assert_int_equal(file_receiver_begin(&receiver, message, &progress, NULL), 0);
	assert_int_equal(progress, FILE_INCOMPLETE);
	assert_int_equal(file_receiver_data(&receiver, "abc", 3, &progress, NULL), 0);
	assert_int_equal(progress, FILE_INCOMPLETE);
	assert_int_equal(file_receiver_data(&receiver, "", 0, &progress, NULL), 0);
	assert_int_equal(access(path, F_OK), -1); /* nobody sees half a file */
	assert_int_equal(file_receiver_data(&receiver, "def", 3, &progress, NULL), 0);
	assert_int_equal(progress, FILE_STORED);
	assert_int_equal(receiver.left_bytes, 0);
	assert_int_equal(receiver.id, 5);
	expect_content(path, "abcdef");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0750);
	json_decref(message);
}

static void file_receiver_stores_an_empty_file_at_once(void **state)
{
	enum file_progress progress = FILE_INCOMPLETE;
	struct file_receiver receiver;
	char path[256];
	json_t *message = announce(below("empty", path), 0);

	(void)state;
	file_receiver_init(&receiver);
	assert_int_equal(file_receiver_begin(&receiver, message, &progress, NULL), 0);
	assert_int_equal(progress, FILE_STORED);
	expect_content(path, "");
	json_decref(message);
}

static const struct {
	const char *path;
	json_int_t size;
	int code;
	const char *names;
} refused[] = {
	{ "relative", 4, -EINVAL, "'relative'" },
	{ "", 4, -EINVAL, "not an absolute path" },
	{ "/tmp/folder/", 4, -EINVAL, "not an absolute path of a file" },
	{ "/tmp/../etc/passwd", 4, -EINVAL, "'..' is not allowed" },
	{ "/tmp/..", 4, -EINVAL, "'..' is not allowed" },
	{ "/dev/null/x", 4, -ENOTDIR, "/dev/null" },
	{ "/tmp/ktstr-huge", INT64_C(1) << 60, -ENOSPC, "1152921504606846976 bytes" },
};

static void file_receiver_drops_the_bytes_of_a_file_it_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		enum file_progress progress = FILE_INCOMPLETE;
		struct ktstr_error error = { 0 };
		struct file_receiver receiver;
		json_t *message = announce(refused[i].path, refused[i].size);

		file_receiver_init(&receiver);
		assert_int_equal(file_receiver_begin(&receiver, message, &progress, &error),
				 refused[i].code);
		assert_contains(error.text, refused[i].names);
		assert_int_equal(receiver.id, 5);
		assert_true(receiver.left_bytes > 0);
		assert_int_equal(file_receiver_data(&receiver, "abcd", 4, &progress, NULL), 0);
		assert_int_equal(progress, refused[i].size == 4 ? FILE_DROPPED : FILE_INCOMPLETE);
		file_receiver_release(&receiver);
		json_decref(message);
	}
}

static void file_receiver_data_refuses_more_than_announced(void **state)
{
	enum file_progress progress = FILE_INCOMPLETE;
	struct ktstr_error error = { 0 };
	struct file_receiver receiver;
	char path[256], temporary[300];
	json_t *message = announce(below("short", path), 3);

	(void)state;
	file_receiver_init(&receiver);
	assert_int_equal(file_receiver_begin(&receiver, message, &progress, NULL), 0);
	assert_int_equal(file_receiver_data(&receiver, "abcd", 4, &progress, &error), -EMSGSIZE);
	assert_contains(error.text, "4 bytes where 3 were due");
	file_receiver_release(&receiver);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(temporary, sizeof(temporary), "%s.ktstr-part", path);
	assert_int_equal(access(temporary, F_OK), -1);
	json_decref(message);
}

static void file_receiver_begin_forgets_an_unfinished_file(void **state)
{
	enum file_progress progress = FILE_INCOMPLETE;
	struct file_receiver receiver;
	char first[256], second[256];
	json_t *unfinished = announce(below("first", first), 3);
	json_t *message = announce(below("second", second), 1);

	(void)state;
	file_receiver_init(&receiver);
	assert_int_equal(file_receiver_begin(&receiver, unfinished, &progress, NULL), 0);
	assert_int_equal(file_receiver_begin(&receiver, message, &progress, NULL), 0);
	assert_int_equal(file_receiver_data(&receiver, "x", 1, &progress, NULL), 0);
	assert_int_equal(progress, FILE_STORED);
	assert_int_equal(access(first, F_OK), -1);
	expect_content(second, "x");
	json_decref(unfinished);
	json_decref(message);
}

/* Members of FILE messages that lack one, or have it wrong, and the bytes that follow anyway. */
static const struct {
	const char *message, *names;
	uint64_t left_bytes;
} faulty[] = {
	{ "{\"id\":9,\"path\":\"/x\",\"mode\":420}", "size", 0 },
	{ "{\"id\":9,\"path\":\"/x\",\"mode\":420,\"size\":-1}", "size", 0 },
	{ "{\"id\":9,\"mode\":420,\"size\":4}", "path", 4 },
	{ "{\"id\":9,\"path\":\"/x\",\"mode\":\"rw\",\"size\":4}", "mode", 4 },
};

static void file_receiver_begin_names_the_field_at_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faulty); i++) {
		enum file_progress progress = FILE_INCOMPLETE;
		struct ktstr_error error = { 0 };
		struct file_receiver receiver;
		json_t *message = json_loads(faulty[i].message, 0, NULL);

		file_receiver_init(&receiver);
		assert_int_equal(file_receiver_begin(&receiver, message, &progress, &error),
				 -EBADMSG);
		assert_contains(error.text, faulty[i].names);
		assert_int_equal(receiver.id, 9);
		assert_int_equal(receiver.left_bytes, faulty[i].left_bytes);
		if (faulty[i].left_bytes)
			assert_int_equal(file_receiver_data(&receiver, "abcd", 4, &progress, NULL),
					 0);
		assert_int_equal(receiver.left_bytes, 0);
		json_decref(message);
	}
}

static void file_link_gives_a_file_another_name(void **state)
{
	char target[256], path[256];
	struct ktstr_error error = { 0 };
	struct stat first, second;
	json_int_t id = 0;
	json_t *message;
	int fd = open(below("library.so", target), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	(void)state;
	assert_int_equal(write(fd, "elf", 3), 3);
	close(fd);
	message = json_pack("{s:i, s:s, s:s}", "id", 6, "path", below("a/b/name.so", path), "target",
			    target);
	if (file_link(message, &id, &error))
		fail_msg("%s", error.text);
	assert_int_equal(id, 6);
	expect_content(path, "elf");
	assert_int_equal(stat(path, &first), 0);
	assert_int_equal(stat(target, &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);
	/* What is there stays. */
	assert_int_equal(file_link(message, &id, &error), -EEXIST);
	json_object_set_new(message, "target", json_string(below("missing", target)));
	json_object_set_new(message, "path", json_string(below("other", path)));
	assert_int_equal(file_link(message, &id, &error), -ENOENT);
	json_object_set_new(message, "path", json_string("/a/../b"));
	assert_int_equal(file_link(message, &id, &error), -EINVAL);
	json_object_set_new(message, "path", json_integer(3));
	assert_int_equal(file_link(message, &id, &error), -EBADMSG);
	assert_contains(error.text, "message LINK: 'path' is something else, not a string");
	json_decref(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_receiver_stores_a_file_in_pieces),
		cmocka_unit_test(file_receiver_stores_an_empty_file_at_once),
		cmocka_unit_test(file_receiver_drops_the_bytes_of_a_file_it_refused),
		cmocka_unit_test(file_receiver_data_refuses_more_than_announced),
		cmocka_unit_test(file_receiver_begin_forgets_an_unfinished_file),
		cmocka_unit_test(file_receiver_begin_names_the_field_at_fault),
		cmocka_unit_test(file_link_gives_a_file_another_name),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
