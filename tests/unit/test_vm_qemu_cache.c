// SPDX-License-Identifier: GPL-2.0-only
/* What QEMU said once is believed as long as it is the same QEMU. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"
#include "vm/qemu_cache.h"

struct place {
	char dir[32], path[64], qboot[64], log[64];
};

static void write_script(const struct place *place, const char *version)
{
	int fd = open(place->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	dprintf(fd,
		"#!/bin/sh\necho asked >>%s\n"
		"[ \"$1\" = -L ] && echo %s || echo \"QEMU emulator version %s\"\n",
		place->log, place->dir, version);
	close(fd);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->dir, sizeof(place->dir), "/tmp/vm-qemu-XXXXXX");
	if (!mkdtemp(place->dir) || setenv("XDG_CACHE_HOME", place->dir, 1))
		return -1;
	snprintf(place->path, sizeof(place->path), "%s/qemu", place->dir);
	snprintf(place->qboot, sizeof(place->qboot), "%s/qboot.rom", place->dir);
	snprintf(place->log, sizeof(place->log), "%s/log", place->dir);
	write_script(place, "10.0.2");
	close(open(place->qboot, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[64];
	int err;

	snprintf(command, sizeof(command), "rm -r %s", place->dir);
	err = system(command);
	free(place);
	return err;
}

static unsigned times_asked(const struct place *place)
{
	struct stat st;

	return stat(place->log, &st) ? 0 : (unsigned)st.st_size / 6;
}

static void expect(const struct place *place, unsigned major, unsigned minor, bool qboot,
		   unsigned asked)
{
	struct ktstr_error error = { 0 };
	struct qemu qemu;

	if (qemu_probe(place->path, &qemu, &error))
		fail_msg("%s", error.text);
	assert_int_equal(qemu.major, major);
	assert_int_equal(qemu.minor, minor);
	assert_int_equal(qemu.has_qboot, qboot);
	assert_string_equal(qemu.path, place->path);
	assert_int_equal(times_asked(place), asked);
}

static void qemu_probe_asks_once(void **state)
{
	struct place *place = *state;

	expect(place, 10, 0, true, 2);
	expect(place, 10, 0, true, 2);
}

static void qemu_probe_asks_another_qemu(void **state)
{
	struct place *place = *state;

	expect(place, 10, 0, true, 2);
	assert_int_equal(unlink(place->path), 0);
	write_script(place, "11.3.0");
	expect(place, 11, 3, true, 4);
	expect(place, 11, 3, true, 4);
}

static void qemu_probe_asks_again_without_the_firmware(void **state)
{
	struct place *place = *state;

	expect(place, 10, 0, true, 2);
	assert_int_equal(unlink(place->qboot), 0);
	expect(place, 10, 0, false, 4);
	expect(place, 10, 0, false, 4);
}

static void qemu_probe_does_not_believe_nonsense(void **state)
{
	static const char *const texts[] = { "", "nonsense", "[]", "{\"file\": {}, \"major\": 3}" };
	struct place *place = *state;
	unsigned asked = 2;

	expect(place, 10, 0, true, asked);
	for (size_t i = 0; i < COUNT(texts); i++) {
		char command[160];

		snprintf(command, sizeof(command), "for file in %s/ktstr/qemu/*; do echo '%s' >$file; done",
			 place->dir, texts[i]);
		assert_int_equal(system(command), 0);
		asked += 2;
		expect(place, 10, 0, true, asked);
	}
}

static void qemu_probe_does_without_a_cache(void **state)
{
	struct place *place = *state;

	setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
	expect(place, 10, 0, true, 2);
	expect(place, 10, 0, true, 4);
}

int main(void)
{
#define in_place(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		in_place(qemu_probe_asks_once),
		in_place(qemu_probe_asks_another_qemu),
		in_place(qemu_probe_asks_again_without_the_firmware),
		in_place(qemu_probe_does_not_believe_nonsense),
		in_place(qemu_probe_does_without_a_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
