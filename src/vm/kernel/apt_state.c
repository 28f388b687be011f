// SPDX-License-Identifier: GPL-2.0-only
/* Making apt's private folder, from what apt itself says about the system's settings. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/program.h"
#include "base/tree.h"
#include "vm/kernel/apt_state.h"
#include "vm/kernel/mirror.h"

#define SOURCES_LIMIT_BYTES (4U << 20)
#define OPTIONS_MAX 40
#define LOCK_NAME ".lock" /* for all suites: fetching one takes seconds */
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * Read after the system's settings, so that proxies stay and all that acts outside of our folder
 * goes: hooks, a default release that this suite is not, progress and recommendations.
 */
static const char settings[] =
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n"
	"#clear APT::Update::Post-Invoke-Stats;\n"
	"#clear APT::Default-Release;\n"
	"#clear APT::Architectures;\n"
	"APT::Architecture \"amd64\";\n"
	"APT::Architectures { \"amd64\"; };\n"
	"APT::Update::Error-Mode \"any\";\n" /* a list that cannot be had is an error */
	"APT::Sandbox::User \"root\";\n"     /* user _apt cannot enter the cache of another user */
	"APT::Status-Fd \"3\";\n"	     /* PROGRAM_STATUS_FD */
	"Dir::Cache::srcpkgcache \"\";\n"    /* it speeds up installing, and doubles the cache */
	"Acquire::Languages \"none\";\n"
	"Acquire::PDiffs \"false\";\n"
	"Acquire::Retries \"2\";\n"
	"Acquire::http::Timeout \"20\";\n"
	"Acquire::https::Timeout \"20\";\n";

/* Settings that are paths, as name and place in our folder ("" for nowhere). */
static const struct {
	const char *name, *place;
} paths[] = {
	{ "Dir::State", "state" },
	{ "Dir::State::lists", "state/lists" },
	{ "Dir::State::status", "" },
	{ "Dir::State::extended_states", "" },
	{ "Dir::Cache", "cache" },
	{ "Dir::Cache::archives", "cache/archives" },
	{ "Dir::Cache::pkgcache", "cache/pkgcache.bin" },
	{ "Dir::Etc::sourcelist", "" },
	{ "Dir::Etc::sourceparts", "sources" },
	{ "Dir::Etc::preferences", "" },
	{ "Dir::Etc::preferencesparts", "" },
	{ "Dir::Log", "log" },
};

static const char *const folders[] = { "state/lists/partial", "cache/archives/partial", "sources",
				       "log" };

struct apt_state {
	int parent; /* of all suites' folders; the lock is there */
	int lock;
	int dir;
	char *name; /* in parent */
	char *path;
	bool discard;
	char *options[OPTIONS_MAX];
	size_t num_options;
};

/* Removing what can be had again: a failure costs disk space at most, until the next try. */
static void tidy(const struct apt_state *state)
{
	int err;

	if (state->discard)
		err = tree_remove(state->parent, state->name, NULL);
	else
		err = tree_remove(state->dir, "cache", NULL);
	(void)err;
}

void apt_state_discard(struct apt_state *state)
{
	state->discard = true;
}

void apt_state_free(struct apt_state *state)
{
	if (!state)
		return;
	if (state->dir >= 0)
		tidy(state);
	for (size_t i = 0; i < state->num_options; i++)
		free(state->options[i]);
	if (state->dir >= 0)
		close(state->dir);
	if (state->lock >= 0)
		close(state->lock);
	if (state->parent >= 0)
		close(state->parent);
	free(state->name);
	free(state->path);
	free(state);
}

static void free_state(struct apt_state **state)
{
	apt_state_free(*state);
}
#define auto_state __attribute__((cleanup(free_state)))

const char *const *apt_state_options(const struct apt_state *state)
{
	return (const char *const *)state->options;
}

/* The suite becomes a folder's name and a line of a source file. */
static int check_suite(const char *suite, struct ktstr_error *error)
{
	for (const char *at = suite; *at; at++)
		if (!isalnum((unsigned char)*at) && (at == suite || !strchr("-._/", *at)))
			return ktstr_error_set(
				error, -EINVAL,
				"suite '%s': not a suite's name, as sid or trixie-backports",
				suite);
	if (!*suite || strstr(suite, "..") || suite[strlen(suite) - 1] == '/')
		return ktstr_error_set(error, -EINVAL,
				       "suite '%s': not a suite's name, as sid or trixie-backports",
				       suite);
	return 0;
}

int apt_not_run(const char *name, int err, struct ktstr_error *error)
{
	if (err != -ENOENT)
		return ktstr_error_wrap(error, err, "'%s'", name);
	return ktstr_error_set(error, err,
			       "'%s' is not there: fetching kernels needs apt; 'ktstr kernel add "
			       "PATH' takes one that you have",
			       name);
}

/* Runs a program that only answers questions; a failing one has no answer (""). */
static int ask(const char *const *argv, uint64_t deadline_ns, char **ret_answer,
	       struct ktstr_error *error)
{
	auto_program_result struct program_result result = { 0 };
	struct program program = {
		.argv = argv,
		.dir = AT_FDCWD,
		.deadline_ns = deadline_ns,
		.stop_fd = -1,
	};
	int err = program_run(&program, &result, error);

	if (err)
		return apt_not_run(argv[0], err, error);
	if (result.exit_code || result.signal)
		*result.out = '\0';
	*ret_answer = take_pointer(result.out);
	return 0;
}

static int add_file(struct apt_sources *sources, int dir, const char *name,
		    struct ktstr_error *error)
{
	auto_free char *text = NULL;
	const char *ending = strrchr(name, '.');
	int err;

	if (!ending || (strcmp(ending, ".list") && strcmp(ending, ".sources")))
		return 0;
	err = file_read(dir, name, SOURCES_LIMIT_BYTES, &text, NULL, error);
	if (err == -ENOENT || err == -EACCES)
		return 0;
	if (err)
		return err;
	err = strcmp(ending, ".list") ? apt_sources_add_deb822(sources, text)
				      : apt_sources_add_lines(sources, text);
	return err ? ktstr_error_set(error, err, "'%s': no memory", name) : 0;
}

static int add_folder(struct apt_sources *sources, const char *path, struct ktstr_error *error)
{
	struct dirent **members;
	auto_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = dir < 0 ? -1 : scandirat(dir, ".", &members, NULL, alphasort);
	int err = 0;

	if (count < 0)
		return 0; /* a system without the folder */
	for (int i = 0; i < count; i++) {
		if (!err)
			err = add_file(sources, dir, members[i]->d_name, error);
		free(members[i]);
	}
	free(members);
	return err;
}

/* The value of name in "name='value'" lines, as apt-config and os-release write them. */
static char *shell_value(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *value = line + length + 1;
		const char *end;

		if (strncmp(line, name, length) || line[length] != '=')
			continue;
		end = value + strcspn(value, "\n");
		if (end - value >= 2 && (*value == '\'' || *value == '"')) {
			value++;
			end--;
		}
		return strndup(value, (size_t)(end - value));
	}
	return strdup("");
}

static int read_system_sources(uint64_t deadline_ns, struct apt_sources *sources,
			       struct ktstr_error *error)
{
	static const char *const argv[] = { "apt-config", "shell",
					    "list",	  "Dir::Etc::sourcelist/f",
					    "parts",	  "Dir::Etc::sourceparts/d",
					    NULL };
	auto_free char *answer = NULL;
	int err = ask(argv, deadline_ns, &answer, error);

	if (err)
		return err;
	auto_free char *list = shell_value(answer, "list");
	auto_free char *parts = shell_value(answer, "parts");

	if (!list || !parts)
		return ktstr_error_set(error, -ENOMEM, "apt's sources: no memory");
	err = add_file(sources, AT_FDCWD, list, error);
	return err ?: add_folder(sources, parts, error);
}

static int choose_source(const char *suite, uint64_t deadline_ns, const struct apt_sources *sources,
			 const struct apt_source **ret_source, struct ktstr_error *error)
{
	static const char *const argv[] = { "apt-get", "indextargets", "--format",
					    APT_TARGETS_FORMAT, NULL };
	auto_free char *targets = NULL;
	auto_free char *release = NULL;
	int err = ask(argv, deadline_ns, &targets, error);

	if (err)
		return err;
	/* Without the file, only the names of Debian's own suites tell its mirror. */
	if (file_read(AT_FDCWD, "/etc/os-release", SOURCES_LIMIT_BYTES, &release, NULL, NULL))
		release = strdup("");
	auto_free char *codename = release ? shell_value(release, "VERSION_CODENAME") : NULL;

	if (!codename)
		return ktstr_error_set(error, -ENOMEM, "apt's sources: no memory");
	return apt_sources_choose(sources, targets, codename, suite, ret_source, error);
}

/* Replaces the file: it is small, ours alone under the lock, and written anew each time. */
static int write_state_file(int dir, const char *name, const char *text, struct ktstr_error *error)
{
	if (unlinkat(dir, name, 0) && errno != ENOENT)
		return ktstr_error_set(error, -errno, "replace '%s': %s", name, strerror(errno));
	return tree_write(dir, name, text, strlen(text), error);
}

static int write_source(const struct apt_state *state, const char *suite, uint64_t deadline_ns,
			struct ktstr_error *error)
{
	auto_apt_sources struct apt_sources sources = { 0 };
	const struct apt_source *source;
	auto_free char *text = NULL;
	int err = read_system_sources(deadline_ns, &sources, error);

	if (!err)
		err = choose_source(suite, deadline_ns, &sources, &source, error);
	if (err)
		return err;
	if (asprintf(&text,
		     "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: amd64\n"
		     "Targets: Packages\n%s%s%s",
		     source->uri, suite, source->signed_by ? "Signed-By: " : "",
		     source->signed_by ?: "", source->signed_by ? "\n" : "") < 0)
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", suite);
	return write_state_file(state->dir, "sources/ktstr.sources", text, error);
}

static int add_option(struct apt_state *state, char *option)
{
	if (!option || state->num_options == OPTIONS_MAX - 1) {
		free(option);
		return -ENOMEM;
	}
	state->options[state->num_options++] = option;
	return 0;
}

static int make_options(struct apt_state *state)
{
	char *text;

	if (asprintf(&text, "--config-file=%s/apt.conf", state->path) < 0 ||
	    add_option(state, text))
		return -ENOMEM;
	for (size_t i = 0; i < COUNT(paths); i++) {
		const char *place = paths[i].place;
		int length = *place ? asprintf(&text, "-o%s=%s/%s", paths[i].name, state->path,
					       place)
				    : asprintf(&text, "-o%s=/dev/null", paths[i].name);

		if (length < 0 || add_option(state, text))
			return -ENOMEM;
	}
	return 0;
}

static int open_folder(struct apt_state *state, const char *suite, uint64_t deadline_ns,
		       struct ktstr_error *error)
{
	auto_free char *parent_path = NULL;
	char purpose[128];
	int err = cache_dir_open(CACHE_DIR_APT, &state->parent, &parent_path, error);

	if (err)
		return err;
	snprintf(purpose, sizeof(purpose), "ktstr kernel fetch %s", suite);
	err = lock_take(state->parent, LOCK_NAME, purpose, deadline_ns, &state->lock, error);
	if (err)
		return ktstr_error_wrap(error, err, "suite '%s'", suite);
	state->name = strdup(suite);
	for (char *at = state->name; at && *at; at++)
		if (*at == '/')
			*at = '_';
	if (!state->name || asprintf(&state->path, "%s/%s", parent_path, state->name) < 0)
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", suite);
	return tree_open(state->parent, state->name, &state->dir, error);
}

int apt_state_open(const char *suite, uint64_t deadline_ns, struct apt_state **ret_state,
		   struct ktstr_error *error)
{
	auto_state struct apt_state *state = calloc(1, sizeof(*state));
	int err = check_suite(suite, error);

	if (err)
		return err;
	if (!state)
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", suite);
	state->parent = -1;
	state->lock = -1;
	state->dir = -1;
	state->discard = true; /* until it is whole */
	err = open_folder(state, suite, deadline_ns, error);
	for (size_t i = 0; !err && i < COUNT(folders); i++)
		err = tree_make(state->dir, folders[i], error);
	if (!err)
		err = write_state_file(state->dir, "apt.conf", settings, error);
	if (!err)
		err = write_source(state, suite, deadline_ns, error);
	if (err)
		return err;
	if (make_options(state))
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", suite);
	state->discard = false;
	*ret_state = take_pointer(state);
	return 0;
}
