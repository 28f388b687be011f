// SPDX-License-Identifier: GPL-2.0-only
/* From a flavour to the packages to download. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "vm/kernel/control.h"
#include "vm/kernel/packages.h"

#define SPEC_MAX 256
#define QUEUE_MAX 32 /* sid's kernel: 6 packages */

/* A package that depends only has 15 KiB installed, a kernel's configuration alone 130. */
#define CARRIES_FILES_KIB 64

/* Packages still to look at and already seen, in one list: both are few. */
struct queue {
	char specs[QUEUE_MAX][SPEC_MAX];
	size_t count, done;
};

void kernel_packages_release(struct kernel_packages *packages)
{
	for (size_t i = 0; i < packages->count; i++)
		free(packages->specs[i]);
	free(packages->specs);
	free(packages->name);
	free(packages->version);
	*packages = (struct kernel_packages){ 0 };
}

bool kernel_packages_next_pin(const char **cursor, char *spec, size_t size)
{
	const char *at = *cursor;

	while (*at) {
		const char *name = at + strspn(at, " \t\n,");
		size_t whole = strcspn(name, ",");
		size_t name_length = strcspn(name, " :(,|");
		const char *pin = memmem(name, whole, "(= ", 3);
		const char *version = pin ? pin + 3 : NULL;
		size_t version_length = version ? strcspn(version, " )") : 0;

		at = name + whole;
		/* "a (= 1) | b" leaves a choice, so it is no pin. */
		if (!pin || memchr(name, '|', whole))
			continue;
		*cursor = at;
		if ((size_t)snprintf(spec, size, "%.*s=%.*s", (int)name_length, name,
				     (int)version_length, version) < size)
			return true;
	}
	*cursor = at;
	return false;
}

static int enqueue(struct queue *queue, const char *spec, struct ktstr_error *error)
{
	for (size_t i = 0; i < queue->count; i++)
		if (!strcmp(queue->specs[i], spec))
			return 0;
	if (queue->count == QUEUE_MAX)
		return ktstr_error_set(error, -E2BIG,
				       "the kernel consists of more than %d packages", QUEUE_MAX);
	snprintf(queue->specs[queue->count++], SPEC_MAX, "%s", spec);
	return 0;
}

static uint64_t number_field(const char *stanza, const char *name)
{
	auto_free char *text = control_field(stanza, strlen(stanza), name);

	return text ? strtoumax(text, NULL, 10) : 0;
}

static int append(struct kernel_packages *packages, const char *name, const char *version)
{
	char **grown = reallocarray(packages->specs, packages->count + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	packages->specs = grown;
	if (asprintf(&grown[packages->count], "%s=%s", name, version) < 0)
		return -ENOMEM;
	grown[++packages->count] = NULL;
	return 0;
}

static int look_at(const char *stanza, struct queue *queue, struct kernel_packages *packages,
		   struct ktstr_error *error)
{
	size_t length = strlen(stanza);
	auto_free char *name = control_field(stanza, length, "Package");
	auto_free char *version = control_field(stanza, length, "Version");
	auto_free char *depends = control_field(stanza, length, "Depends");
	const char *cursor = depends ?: "";
	char spec[SPEC_MAX];
	int err = 0;

	if (!name || !version)
		return ktstr_error_set(error, -EBADMSG,
				       "apt shows a package without name or version");
	while (!err && kernel_packages_next_pin(&cursor, spec, sizeof(spec)))
		err = enqueue(queue, spec, error);
	if (err)
		return err;
	if (number_field(stanza, "Installed-Size") >= CARRIES_FILES_KIB) {
		if (append(packages, name, version))
			return ktstr_error_set(error, -ENOMEM, "package '%s': no memory", name);
		packages->total_bytes += number_field(stanza, "Size");
	}
	if (!packages->name) {
		packages->name = take_pointer(name);
		packages->version = take_pointer(version);
	}
	return 0;
}

/* linux-image-cloud-amd64 is one; versioned packages, variants and sources of packages are not. */
static bool is_flavour(const char *name)
{
	static const char *const variants[] = { "-dbg", "-unsigned", "-template" };

	if (isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (strstr(name, variants[i]))
			return false;
	return *name;
}

static void list_flavours(struct apt *apt, char *text, size_t size)
{
	static const char prefix[] = "linux-image-";
	auto_free char *names = NULL;
	char *save = NULL;
	size_t used = 0;

	*text = '\0';
	if (apt_names(apt, prefix, &names, NULL))
		return;
	for (char *name = strtok_r(names, "\n", &save); name; name = strtok_r(NULL, "\n", &save))
		if (used < size && is_flavour(name + strlen(prefix)))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 name + strlen(prefix));
}

static int fail_unknown_flavour(struct apt *apt, const char *suite, const char *flavour,
				struct ktstr_error *error)
{
	char flavours[512];

	list_flavours(apt, flavours, sizeof(flavours));
	if (!*flavours)
		return ktstr_error_set(error, -ENOENT, "suite '%s' has no kernel package at all",
				       suite);
	return ktstr_error_set(error, -ENOENT, "flavour '%s' is not in suite '%s', which has %s",
			       flavour, suite, flavours);
}

int kernel_packages_resolve(struct apt *apt, const char *suite, const char *flavour,
			    struct kernel_packages *ret_packages, struct ktstr_error *error)
{
	auto_kernel_packages struct kernel_packages packages = { 0 };
	auto_free struct queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", suite);
	if (snprintf(queue->specs[queue->count++], SPEC_MAX, "linux-image-%s", flavour) >= SPEC_MAX)
		return ktstr_error_set(error, -EINVAL, "flavour '%.32s...' is too long", flavour);
	for (; queue->done < queue->count; queue->done++) {
		auto_free char *stanza = NULL;
		int err = apt_show(apt, queue->specs[queue->done], &stanza, error);

		if (err == -ENOENT && queue->done == 0)
			return fail_unknown_flavour(apt, suite, flavour, error);
		if (!err)
			err = look_at(stanza, queue, &packages, error);
		if (err)
			return ktstr_error_wrap(error, err, "suite '%s'", suite);
	}
	if (!packages.count)
		return ktstr_error_set(
			error, -ENOENT,
			"suite '%s': 'linux-image-%s' leads to no package with files", suite,
			flavour);
	*ret_packages = packages;
	packages = (struct kernel_packages){ 0 };
	return 0;
}
