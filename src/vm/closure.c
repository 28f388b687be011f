// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which files a program's loader will ask for, found the way ld.so(8) does, breadth first: DT_RPATH
 * of the asking object and of those that asked for it, DT_RUNPATH, the loader's cache, the default
 * directories. LD_LIBRARY_PATH does not count: the guest has none.
 *
 * A library keeps its path, except when it was found through $ORIGIN: then it goes to the same
 * place relative to its asker in the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "vm/elf_needs.h"
#include "vm/guest_files.h"
#include "vm/ldcache.h"

#define OBJECTS_MAX 1024
#define LDCACHE_MAX (16u << 20)

static const char *const default_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

struct object {
	char *host_path, *guest_path;
	const struct object *asker; /* NULL: the program itself */
	struct elf_needs needs;
};

struct closure {
	struct object **objects;
	size_t count;
	char *cache; /* NULL: this machine has none */
	size_t cache_size;
	bool cache_used;
};

static void closure_release(struct closure *closure)
{
	for (size_t i = 0; i < closure->count; i++) {
		elf_needs_release(&closure->objects[i]->needs);
		free(closure->objects[i]->host_path);
		free(closure->objects[i]->guest_path);
		free(closure->objects[i]);
	}
	free(closure->objects);
	free(closure->cache);
}
#define auto_closure __attribute__((cleanup(closure_release)))

/* Both paths are copied; -ENOEXEC leaves the closure as it was. */
static int closure_add(struct closure *closure, const char *host_path, const char *guest_path,
		       const struct object *asker, struct ktstr_error *error)
{
	auto_elf_needs struct elf_needs needs = { 0 };
	int err = elf_needs_read(host_path, &needs, error);

	if (err)
		return err;
	if (closure->count == OBJECTS_MAX)
		return ktstr_error_set(error, -E2BIG, "'%s': more than %d shared libraries",
				       closure->objects[0]->host_path, OBJECTS_MAX);
	struct object **grown = reallocarray(closure->objects, closure->count + 1,
					     sizeof(struct object *));
	if (grown)
		closure->objects = grown;
	auto_free struct object *object = calloc(1, sizeof(*object));
	auto_free char *host = strdup(host_path);
	auto_free char *guest = strdup(guest_path);
	if (!grown || !object || !host || !guest)
		return ktstr_error_set(error, -ENOMEM, "'%s': no memory", host_path);
	*object = (struct object){ take_pointer(host), take_pointer(guest), asker, needs };
	needs = (struct elf_needs){ 0 };
	closure->objects[closure->count++] = take_pointer(object);
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By the name it was found under or by its own, as the loader compares. */
static bool is_loaded(const struct closure *closure, const char *name)
{
	for (size_t i = 0; i < closure->count; i++) {
		const struct object *object = closure->objects[i];

		if (strcmp(base_name(object->host_path), name) == 0 ||
		    (object->needs.soname && strcmp(object->needs.soname, name) == 0))
			return true;
	}
	return false;
}

/*
 * directory/name with $ORIGIN replaced by the folder of object_path. False for what the loader
 * would take from its platform ($LIB, $PLATFORM), for relative paths and for too long ones.
 */
static bool expand(const char *directory, size_t length, const char *object_path, const char *name,
		   char result[PATH_MAX])
{
	static const char *const origins[] = { "$ORIGIN", "${ORIGIN}" };
	int origin_length = (int)(base_name(object_path) - object_path);
	int written;

	for (size_t i = 0; i < 2; i++) {
		size_t token = strlen(origins[i]);

		if (length >= token && strncmp(directory, origins[i], token) == 0) {
			written = snprintf(result, PATH_MAX, "%.*s/%.*s/%s", origin_length,
					   object_path, (int)(length - token), directory + token,
					   name);
			if (written >= PATH_MAX || memchr(directory + token, '$', length - token))
				return false;
			path_normalize(result);
			return true;
		}
	}
	if (length == 0 || directory[0] != '/' || memchr(directory, '$', length))
		return false;
	written = snprintf(result, PATH_MAX, "%.*s/%s", (int)length, directory, name);
	return written < PATH_MAX;
}

/* 0: found and added; 1: not here. A file of another machine is passed over, as the loader does. */
static int try_path(struct closure *closure, const char *host_path, const char *guest_path,
		    const struct object *asker, struct ktstr_error *error)
{
	struct ktstr_error ignored;
	int err = closure_add(closure, host_path, guest_path, asker, &ignored);

	if (err == -ENOENT || err == -ENOTDIR || err == -ENOEXEC || err == -EACCES)
		return 1;
	if (err)
		return ktstr_error_set(error, err, "%s", ignored.text);
	return 0;
}

/* path: directories of owner's RPATH or RUNPATH, separated by colons. */
static int try_directories(struct closure *closure, const char *path, const struct object *owner,
			   const char *name, const struct object *asker, struct ktstr_error *error)
{
	while (path) {
		size_t length = strcspn(path, ":");
		char host[PATH_MAX], guest[PATH_MAX];

		if (expand(path, length, owner->host_path, name, host) &&
		    expand(path, length, owner->guest_path, name, guest)) {
			int err = try_path(closure, host, guest, asker, error);

			if (err <= 0)
				return err;
		}
		path = path[length] ? path + length + 1 : NULL;
	}
	return 1;
}

static int find_library(struct closure *closure, const char *name, const struct object *asker,
			struct ktstr_error *error)
{
	const char *cached;
	int err = 1;

	if (strchr(name, '/'))
		err = try_path(closure, name, name, asker, error);
	/* An object with a RUNPATH ignores every RPATH, its own and those of its askers. */
	for (const struct object *owner = asker; err > 0 && owner && !asker->needs.runpath;
	     owner = owner->asker)
		if (!owner->needs.runpath)
			err = try_directories(closure, owner->needs.rpath, owner, name, asker,
					      error);
	if (err > 0)
		err = try_directories(closure, asker->needs.runpath, asker, name, asker, error);
	cached = err > 0 && closure->cache ? ldcache_find(closure->cache, closure->cache_size, name)
					   : NULL;
	if (cached) {
		err = try_path(closure, cached, cached, asker, error);
		closure->cache_used |= err == 0;
	}
	for (size_t i = 0; err > 0 && i < sizeof(default_dirs) / sizeof(default_dirs[0]); i++) {
		char path[PATH_MAX];

		if (expand(default_dirs[i], strlen(default_dirs[i]), "/", name, path))
			err = try_path(closure, path, path, asker, error);
	}
	if (err > 0)
		return ktstr_error_set(error, -ENOENT,
				       "'%s' needs the shared library '%s', which is neither "
				       "in its RUNPATH ('%.200s') nor in " LDCACHE_PATH
				       " nor in the default "
				       "directories",
				       asker->host_path, name,
				       asker->needs.runpath ? asker->needs.runpath
				       : asker->needs.rpath ? asker->needs.rpath
							    : "");
	return err;
}

static int closure_walk(struct closure *closure, struct ktstr_error *error)
{
	const char *interpreter = closure->objects[0]->needs.interpreter;
	int err = 0;

	if (interpreter) {
		err = closure_add(closure, interpreter, interpreter, closure->objects[0], error);
		if (err)
			return ktstr_error_wrap(error, err, "interpreter of '%s'",
						closure->objects[0]->host_path);
	}
	/* Objects are added behind the one whose needs are walked. */
	for (size_t i = 0; i < closure->count; i++) {
		const struct object *asker = closure->objects[i];

		for (size_t k = 0; !err && k < asker->needs.needed_count; k++)
			if (!is_loaded(closure, asker->needs.needed[k]))
				err = find_library(closure, asker->needs.needed[k], asker, error);
		if (err)
			return err;
	}
	return 0;
}

int guest_files_add_program(struct guest_files *files, const char *host_path,
			    const char *guest_path, struct ktstr_error *error)
{
	auto_closure struct closure closure = { 0 };
	auto_free char *real = realpath(host_path, NULL); /* $ORIGIN of the program has no links */
	int err;

	if (!real)
		return ktstr_error_set(error, -errno, "file '%s': %s", host_path, strerror(errno));
	err = file_read(AT_FDCWD, LDCACHE_PATH, LDCACHE_MAX, &closure.cache, &closure.cache_size,
			NULL);
	if (err && err != -ENOENT) /* musl and fresh images have none */
		return ktstr_error_set(error, err, "read '" LDCACHE_PATH "': %s", strerror(-err));
	err = closure_add(&closure, real, guest_path, NULL, error);
	if (!err)
		err = closure_walk(&closure, error);
	for (size_t i = 0; !err && i < closure.count; i++)
		err = guest_files_add(files, closure.objects[i]->host_path,
				      closure.objects[i]->guest_path, error);
	/* The guest's loader has to find what only the cache knows of. */
	if (!err && closure.cache_used)
		err = guest_files_add(files, LDCACHE_PATH, LDCACHE_PATH, error);
	return err;
}
