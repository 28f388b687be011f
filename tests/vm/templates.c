// SPDX-License-Identifier: GPL-2.0-only
/* A folder of templates for a test, and looking at a run's output. */
#include "templates.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "base/hash.h"

const char *tool, *cases;
char folder[64], results[64];
struct command_result result;

bool folders_make(const char *name, const char *hot_tests)
{
	snprintf(folder, sizeof(folder), "/tmp/ktstr-%s-XXXXXX", name);
	snprintf(results, sizeof(results), "/tmp/ktstr-%s-results-XXXXXX", name);
	return mkdtemp(folder) && mkdtemp(results) && !setenv("KTSTR_TEMPLATE_DIR", folder, 1) &&
	       !setenv("KTSTR_HOT_TESTS", hot_tests, 1);
}

int folders_remove(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s %s", folder, results);
	return system(command);
}

unsigned count(const char *part)
{
	unsigned found = 0;

	for (const char *at = result.output; (at = strstr(at, part)); at += strlen(part))
		found++;
	return found;
}

void expect_nothing_left(void)
{
	struct leftovers left = leftovers_take();

	if (left.processes || left.files)
		fail_msg("left behind:%s\n%s", left.names, result.output);
}

const char *note(const char *name)
{
	static char texts[8][1024];
	static unsigned next;
	char *text = texts[next++ % COUNT(texts)], key[64];
	const char *at;

	snprintf(key, sizeof(key), "- \"%s:", name);
	at = strstr(result.output, key);
	if (!at)
		fail_msg("no note '%s'\n%s", name, result.output);
	snprintf(text, sizeof(texts[0]), "%.*s", (int)strcspn(at + strlen(key), "\""), at + strlen(key));
	return text;
}

void spoil_state(const char *state_path, const char *meta_path)
{
	int fd = open(state_path, O_RDWR | O_CLOEXEC);
	struct stat st;
	char hash[17], *data;
	json_t *meta;

	assert_int_equal(fstat(fd, &st), 0);
	data = calloc(1, (size_t)st.st_size);
	assert_int_equal(pread(fd, data, 20000, 0), 20000);
	assert_int_equal(pwrite(fd, data, (size_t)st.st_size, 0), st.st_size);
	close(fd);
	snprintf(hash, sizeof(hash), "%016" PRIx64, hash_bytes(data, (size_t)st.st_size, 0));
	free(data);
	meta = json_load_file(meta_path, 0, NULL);
	assert_non_null(meta);
	json_object_set_new(json_object_get(meta, "state"), "hash", json_string(hash));
	assert_int_equal(json_dump_file(meta, meta_path, 0), 0);
	json_decref(meta);
}
