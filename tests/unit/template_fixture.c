// SPDX-License-Identifier: GPL-2.0-only
/* Templates that no QEMU has made. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "template_fixture.h"
#include "unit.h"

int template_setup(void **state)
{
	struct template_fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/vm-template-XXXXXX");
	if (!mkdtemp(fixture->dir) || setenv(TEMPLATE_DIR_ENV, fixture->dir, 1) ||
	    template_store_open(&fixture->store, NULL))
		return -1;
	*state = fixture;
	return 0;
}

int template_teardown(void **state)
{
	struct template_fixture *fixture = *state;
	char command[64];
	int err;

	for (size_t i = 0; i < COUNT(fixture->keys); i++)
		template_key_release(&fixture->keys[i]);
	template_store_close(&fixture->store);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->dir);
	err = system(command);
	free(fixture);
	return err;
}

static void write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, data, size), 0);
	close(fd);
}

const char *fixture_path(const struct template_fixture *fixture, unsigned index, const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s%s%s", fixture->dir, fixture->keys[index].name,
		 file ? "/" : "", file ? file : "");
	return path;
}

void fixture_add(struct template_fixture *fixture, unsigned index, size_t bytes, time_t used)
{
	fixture_add_hot(fixture, index, bytes, used, "");
}

void fixture_add_hot(struct template_fixture *fixture, unsigned index, size_t bytes, time_t used,
		     const char *slot)
{
	const struct timespec times[2] = { { .tv_sec = used }, { .tv_sec = used } };
	struct template_about about = { .kernel = "7.2.13", .topology = "1n1l2c1t", .qemu = "10.0",
					.accel = "tcg", .created = "2026-11-21T09:30:00Z",
					.memory_mib = 1024 };
	struct template_key *key = &fixture->keys[index];
	struct ktstr_error error = { 0 };
	char *ram = malloc(bytes);
	int folder;

	assert_int_not_equal(asprintf(&key->text, "guest number %u\n", index), -1);
	snprintf(key->name, sizeof(key->name), "%016" PRIx64,
		 hash_bytes(key->text, strlen(key->text), 0));
	memcpy(about.name, key->name, sizeof(about.name));
	snprintf(about.slot, sizeof(about.slot), "%s", slot);
	snprintf(about.binary, sizeof(about.binary), "%s", *slot ? "demo" : "");
	memset(ram, 'r', bytes);
	assert_int_equal(mkdir(fixture_path(fixture, index, NULL), 0755), 0);
	write_file(fixture_path(fixture, index, TEMPLATE_RAM), ram, bytes);
	write_file(fixture_path(fixture, index, TEMPLATE_STATE), "state of devices", 16);
	folder = open(fixture_path(fixture, index, NULL), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (template_write_meta(folder, key, &about, &error))
		fail_msg("%s", error.text);
	assert_int_equal(utimensat(folder, TEMPLATE_META, times, 0), 0);
	close(folder);
	free(ram);
}

unsigned fixture_count(const struct template_fixture *fixture, const char *prefix)
{
	DIR *dir = opendir(fixture->dir);
	const struct dirent *member;
	unsigned count = 0;

	assert_non_null(dir);
	while ((member = readdir(dir)))
		count += !strncmp(member->d_name, prefix, strlen(prefix));
	closedir(dir);
	return count;
}
