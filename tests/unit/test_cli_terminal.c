// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "cli/topo_print.h"

#include "unit.h"

static void terminal_filter_keys_finds_the_way_out(void **state)
{
	static const struct {
		const char *keys, *kept;
		bool leave;
	} cases[] = {
		{ "plain", "plain", false },
		{ "ls\001x", "", true },
		{ "\001X", "", true },
		{ "\001\001", "\001", false },
		{ "\001\001x", "\001x", false },
		{ "a\001b", "a\001b", false },
		{ "x", "x", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct terminal terminal = TERMINAL_NONE;
		char keys[64];
		size_t size = strlen(cases[i].keys);

		memcpy(keys, cases[i].keys, size);
		assert_int_equal(terminal_filter_keys(&terminal, keys, sizeof(keys), &size), cases[i].leave);
		if (cases[i].leave)
			continue;
		assert_int_equal(size, strlen(cases[i].kept));
		assert_memory_equal(keys, cases[i].kept, size);
	}
}

static void terminal_filter_keys_remembers_the_escape(void **state)
{
	struct terminal terminal = TERMINAL_NONE;
	char keys[8] = "a\001";
	size_t size = 2;

	(void)state;
	assert_false(terminal_filter_keys(&terminal, keys, sizeof(keys), &size));
	assert_int_equal(size, 1);
	keys[0] = 'x';
	size = 1;
	assert_true(terminal_filter_keys(&terminal, keys, sizeof(keys), &size));

	terminal = (struct terminal){ .fd = -1, .escaped = true };
	keys[0] = 'y';
	size = 1;
	assert_false(terminal_filter_keys(&terminal, keys, sizeof(keys), &size));
	assert_int_equal(size, 2);
	assert_memory_equal(keys, "\001y", 2);
}

static void terminal_restore_gives_back_the_settings(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), fd, rows, columns;
	struct terminal terminal = TERMINAL_NONE;
	struct termios before, raw, after;
	char name[64];

	(void)state;
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(tcgetattr(fd, &before), 0);
	assert_int_equal(terminal_make_raw(&terminal, fd, NULL), 0);
	assert_int_equal(tcgetattr(fd, &raw), 0);
	assert_false(raw.c_lflag & (ICANON | ECHO | ISIG));
	terminal_restore(&terminal);
	terminal_restore(&terminal); /* again: nothing happens */
	assert_int_equal(tcgetattr(fd, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	terminal_size(fd, &rows, &columns);
	assert_int_equal(rows, 24);
	assert_int_equal(columns, 80);
	close(fd);
	close(master);
}

static void terminal_make_raw_refuses_a_file(void **state)
{
	struct terminal terminal = TERMINAL_NONE;
	struct ktstr_error error = { 0 };
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(terminal_make_raw(&terminal, fd, &error) < 0);
	assert_int_equal(terminal.fd, -1);
	close(fd);
}

static void topo_print_shows_nodes_caches_and_siblings(void **state)
{
	static const struct {
		struct ktstr_topology topology;
		const char *text;
	} cases[] = {
		{ { 1, 1, 1, 1 }, "1 NUMA node, 1 LLC, 1 core, 1 CPU\nnode 0: CPUs 0\n"
				  "  LLC 0: CPUs 0, cores {0}\n" },
		{ { 2, 2, 2, 2 }, "2 NUMA nodes, 2 LLCs, 4 cores, 8 CPUs\n"
				  "node 0: CPUs 0-3\n  LLC 0: CPUs 0-3, cores {0-1} {2-3}\n"
				  "node 1: CPUs 4-7\n  LLC 1: CPUs 4-7, cores {4-5} {6-7}\n"
				  "distances:\n  node 0: 10 20\n  node 1: 20 10\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_machine *machine = NULL;
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		assert_int_equal(ktstr_machine_from_topology(&cases[i].topology, &machine, NULL), 0);
		topo_print(machine, out);
		fclose(out);
		assert_string_equal(text, cases[i].text);
		free(text);
		ktstr_machine_free(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_filter_keys_finds_the_way_out),
		cmocka_unit_test(terminal_filter_keys_remembers_the_escape),
		cmocka_unit_test(terminal_restore_gives_back_the_settings),
		cmocka_unit_test(terminal_make_raw_refuses_a_file),
		cmocka_unit_test(topo_print_shows_nodes_caches_and_siblings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
