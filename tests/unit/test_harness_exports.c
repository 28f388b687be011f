// SPDX-License-Identifier: GPL-2.0-only
/* The version script, the public headers and the library have to name the same functions. */
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>

#include <ktstr/work.h>

#include "base/file.h"

#include "unit.h"

static char *read_text(const char *folder, const char *name)
{
	struct ktstr_error error = { 0 };
	char path[512];
	char *text;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_read(AT_FDCWD, path, 1 << 20, &text, NULL, &error))
		fail_msg("%s", error.text);
	return text;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	assert_non_null(value);
	return value;
}

/* The name that a KTSTR_API declaration at text declares: the last word before '(' or ';'. */
static void declared_name(const char *text, char *name, size_t size)
{
	const char *end = text + strcspn(text, "(;"), *start;

	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	for (start = end; start > text && (isalnum((unsigned char)start[-1]) || start[-1] == '_'); start--)
		;
	snprintf(name, size, "%.*s", (int)(end - start), start);
}

static void check_header(const char *folder, const char *header, const char *map)
{
	char *text = read_text(folder, header);

	for (const char *at = text; (at = strstr(at, "\nKTSTR_API ")); at++) {
		char name[128], line[132];

		declared_name(at + strlen("\nKTSTR_API "), name, sizeof(name));
		snprintf(line, sizeof(line), "\t%s;\n", name);
		if (!strstr(map, line))
			fail_msg("%s declares %s, which libktstr.map does not export", header, name);
	}
	free(text);
}

static void every_declaration_is_exported(void **state)
{
	char *map = read_text(environment("KTSTR_SOURCE_DIR"), "src/harness/libktstr.map");
	char folder[512];
	struct dirent *entry;
	unsigned headers = 0;
	DIR *dir;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/include/ktstr", environment("KTSTR_SOURCE_DIR"));
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strstr(entry->d_name, ".h")) {
			check_header(folder, entry->d_name, map);
			headers++;
		}
	closedir(dir);
	assert_true(headers >= 12);
#define CHECK_WORK(kind, name) assert_contains(map, "\tktstr_work_" #kind ";\n");
	KTSTR_WORK_TYPES(CHECK_WORK)
#undef CHECK_WORK
	free(map);
}

static void every_export_is_in_the_library(void **state)
{
	char *map = read_text(environment("KTSTR_SOURCE_DIR"), "src/harness/libktstr.map");
	void *library = dlopen(environment("KTSTR_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
	unsigned names = 0;

	(void)state;
	if (!library)
		fail_msg("%s", dlerror());
	for (const char *at = map; (at = strstr(at, "\t\t")); at++) {
		char name[128];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 2, ";"), at + 2);
		if (strcmp(name, "*") == 0)
			continue;
		names++;
		if (!dlsym(library, name))
			fail_msg("libktstr.map exports %s, which libktstr.so does not have", name);
	}
	assert_true(names > 50);
	assert_null(dlsym(library, "verdict_new")); /* ours alone */
	dlclose(library);
	free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_declaration_is_exported),
		cmocka_unit_test(every_export_is_in_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
