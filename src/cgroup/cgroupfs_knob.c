// SPDX-License-Identifier: GPL-2.0-only
/* Settings of real cgroups, and what to say when the kernel does not want one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/cgroupfs.h"

#define STATE_MAX 128	/* of one control file, in the message */
#define LISTING_MAX 256 /* of file names, in the message */
#define DIAGNOSIS_MAX 256

/* What there is to see when a write was refused. */
struct state {
	char parent[PATH_MAX];			       /* the directory above the cgroup's */
	char offered[STATE_MAX], passed_on[STATE_MAX]; /* there */
	char own[STATE_MAX];			       /* the cgroup's controllers */
	bool has_file;
	char files[LISTING_MAX];
};

static const char unreadable[] = "(unreadable)";

static void read_or_say(int dirfd, const char *file, char buffer[STATE_MAX])
{
	if (dirfd < 0 || cgroupfs_read(dirfd, file, buffer, STATE_MAX))
		snprintf(buffer, STATE_MAX, "%s", unreadable);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The sorted names in dirfd, as far as they fit. */
static void list_files(int dirfd, char buffer[LISTING_MAX])
{
	struct dirent **entries;
	size_t used = 0;
	int count = scandirat(dirfd, ".", &entries, visible, alphasort);

	snprintf(buffer, LISTING_MAX, "%s", count < 0 ? unreadable : "");
	for (int i = 0; i < count; i++) {
		if (used < LISTING_MAX)
			used += (size_t)snprintf(buffer + used, LISTING_MAX - used, "%s%s",
						 used ? " " : "", entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void look(const struct cgroupfs *fs, const char *name, int dirfd, const char *file,
		 struct state *state)
{
	auto_close int parentfd = openat(dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *slash = strrchr(name, '/');

	snprintf(state->parent, sizeof(state->parent), "%s%s%.*s", fs->parent, slash ? "/" : "",
		 slash ? (int)(slash - name) : 0, name);
	read_or_say(parentfd, "cgroup.controllers", state->offered);
	read_or_say(parentfd, "cgroup.subtree_control", state->passed_on);
	read_or_say(dirfd, "cgroup.controllers", state->own);
	state->has_file = !faccessat(dirfd, file, F_OK, 0);
	list_files(dirfd, state->files);
}

/* The kernel's ENOENT, EACCES or EINVAL says nothing about what is missing where. */
static void diagnose(const struct cgroup_knob_info *knob, const struct state *state, int err,
		     char text[DIAGNOSIS_MAX])
{
	const char *controller = knob->controller;
	size_t used = 0;

	if (controller)
		used = (size_t)snprintf(text, DIAGNOSIS_MAX, "it needs the %s controller",
					controller);
	if (controller && strcmp(state->own, unreadable) != 0 &&
	    !text_has_word(state->own, controller)) {
		bool there = text_has_word(state->offered, controller);

		snprintf(text + used, DIAGNOSIS_MAX - used, ", which %s",
			 there ? "the parent has and does not pass on (see ktstr_cgroups_setup)"
			       : "the parent does not have either (nested cgroups are only "
				 "passed cpuset)");
		return;
	}
	snprintf(text + used, DIAGNOSIS_MAX - used, "%s%s %s", used ? ", " : "",
		 state->has_file || err == -EINVAL ? "the kernel takes" : "the kernel has it with",
		 state->has_file || err == -EINVAL ? knob->takes : knob->needs);
}

/* A hint where no controller is at fault; NULL: they have to be looked at. */
static const char *other_cause(int err)
{
	static const struct {
		int err;
		const char *hint;
	} causes[] = {
		{ -EACCES, "run as root or in a delegated subtree" },
		{ -EPERM, "run as root or in a delegated subtree" },
		{ -EROFS, "the cgroup file system is mounted read-only" },
		{ -ETIMEDOUT, "something holds the kernel's cgroup locks" },
		{ -EMFILE, "the process has too many files open" },
		{ -ENOMEM, "there is no memory to write it in a thread" },
		{ -EAGAIN, "there is no room for a thread to write it in" },
	};

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].err == err)
			return causes[i].hint;
	return NULL;
}

static int explain(const struct cgroupfs *fs, const char *name, int dirfd, enum cgroup_knob which,
		   const char *text, int err, struct ktstr_error *error)
{
	const struct cgroup_knob_info *knob = cgroup_knob_info(which);
	const char *hint = other_cause(err);
	char diagnosis[DIAGNOSIS_MAX];
	struct ktstr_error why;
	struct state state;

	if (!error)
		return err;
	why = *error;
	if (hint)
		return ktstr_error_set(error, err, "cgroup '%s': %s '%.120s': %.500s; %s", name,
				       knob->file, text, why.text, hint);
	look(fs, name, dirfd, knob->file, &state);
	diagnose(knob, &state, err, diagnosis);
	return ktstr_error_set(
		error, err,
		"cgroup '%s': %s '%.120s': %.300s; %s; parent '%.120s' has controllers "
		"'%s' and passes on '%s', '%s' has '%s', %s %s, files: %s",
		name, knob->file, text, why.text, diagnosis, state.parent, state.offered,
		state.passed_on, name, state.own, knob->file,
		state.has_file ? "exists" : "does not exist", state.files);
}

int cgroupfs_write_knob(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			const char *text, struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err)
		return err;
	/* A line break for nothing: no byte at all would not reach the kernel. */
	err = cgroupfs_write(fs, name, dirfd, cgroup_knob_info(knob)->file, *text ? text : "\n",
			     error);
	return err ? explain(fs, name, dirfd, knob, text, err, error) : 0;
}

int cgroupfs_read_knob(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
		       char *buffer, size_t size, struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	const char *file = cgroup_knob_info(knob)->file;
	auto_close int dirfd = -1;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err)
		return err;
	err = cgroupfs_read(dirfd, file, buffer, size);
	if (err)
		return ktstr_error_set(error, err, "cgroup '%s': read '%s/%s/%s' (%s)", name,
				       fs->parent, name, file, errno_name(err));
	return 0;
}
