// SPDX-License-Identifier: GPL-2.0-only
/* The store as its readers see it: where it is, what is in it, which entry a name means. */
#include <dirent.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/stage.h"
#include "vm/kernel/add.h"
#include "vm/kernel/release.h"
#include "vm/kernel/store.h"

void kernel_list_release(struct kernel_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].ref);
		kernel_entry_free(list->items[i].entry);
	}
	free(list->items);
	*list = (struct kernel_list){ 0 };
}

static int by_age(const void *a, const void *b)
{
	const struct kernel_listing *left = a, *right = b;
	int order = release_compare(right->ref, left->ref);

	return order ?: strcmp(left->ref, right->ref);
}

static int read_item(int root, const char *root_path, const char *name, struct kernel_listing *item)
{
	int err = kernel_entry_read(root, root_path, name, &item->entry, &item->damage);

	if (err && err != -EBADMSG)
		return err;
	item->ref = strdup(name);
	return item->ref ? 0 : -ENOMEM;
}

static size_t choose_default(const struct kernel_list *list)
{
	size_t newest = list->count;

	for (size_t i = list->count; i-- > 0;) {
		if (!list->items[i].entry)
			continue;
		if (newest == list->count || list->items[i].entry->sched_ext.usable ||
		    !list->items[newest].entry->sched_ext.usable)
			newest = i;
	}
	return newest;
}

int kernel_store_list(struct kernel_list *ret_list, struct ktstr_error *error)
{
	auto_kernel_list struct kernel_list list = { 0 };
	auto_free char *path = NULL;
	auto_close int root = -1;
	struct dirent *member;
	int err = cache_dir_open(CACHE_DIR_KERNELS, &root, &path, error);

	if (err)
		return err;
	auto_close int copy = fcntl(root, F_DUPFD_CLOEXEC, 0);
	auto_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir)
		return ktstr_error_set(error, -errno, "list '%s': %s", path, strerror(errno));
	take_fd(&copy); /* the stream closes it */
	while ((member = readdir(dir))) {
		struct kernel_listing item = { 0 };
		struct kernel_listing *grown;

		if (*member->d_name == '.')
			continue;
		err = read_item(root, path, member->d_name, &item);
		if (err == -ENOENT || err == -ENOTDIR)
			continue;
		grown = err ? NULL : reallocarray(list.items, list.count + 1, sizeof(*grown));
		if (!grown) {
			free(item.ref);
			kernel_entry_free(item.entry);
			err = err ?: -ENOMEM;
			return ktstr_error_set(error, err, "read '%s/%s': %s", path, member->d_name,
					       strerror(-err));
		}
		list.items = grown;
		list.items[list.count++] = item;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_age);
	list.default_index = choose_default(&list);
	*ret_list = list;
	list = (struct kernel_list){ 0 };
	return 0;
}

/* The refs of the list, shortest common beginning with ref first, into text. */
static const char *name_near(const struct kernel_list *list, const char *ref, char *text,
			     size_t size)
{
	size_t longest = 0, used = 0;

	for (size_t i = 0; i < list->count; i++) {
		size_t common = 0;

		while (ref[common] && ref[common] == list->items[i].ref[common])
			common++;
		if (common > longest)
			longest = common;
	}
	*text = '\0';
	for (size_t i = 0; i < list->count && used < size; i++)
		if (!strncmp(list->items[i].ref, ref, longest))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 list->items[i].ref);
	return text;
}

/* Numbers are not cut in two: 6.1 is the beginning of 6.1.0, not of 6.12. */
static bool begins_with(const char *name, const char *ref)
{
	size_t length = strlen(ref);

	if (!length || strncmp(name, ref, length))
		return false;
	return !isdigit((unsigned char)ref[length - 1]) || !isdigit((unsigned char)name[length]);
}

/* The index of the one entry that ref means. */
static int match(const struct kernel_list *list, const char *ref, size_t *ret_index,
		 struct ktstr_error *error)
{
	size_t found = list->count, matches = 0;
	char near[512];

	if (!list->count)
		return ktstr_error_set(
			error, -ENOENT,
			"kernel '%s': no kernel in the store: run 'ktstr kernel fetch'", ref);
	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(list->items[i].ref, ref)) {
			*ret_index = i;
			return 0;
		}
		if (begins_with(list->items[i].ref, ref)) {
			found = i;
			matches++;
		}
	}
	name_near(list, ref, near, sizeof(near));
	if (matches > 1)
		return ktstr_error_set(error, -ENOTUNIQ,
				       "kernel '%s' may be any of %s: write more of it", ref, near);
	if (!matches)
		return ktstr_error_set(
			error, -ENOENT,
			"kernel '%s' is not in the store, near it are %s; 'ktstr kernel fetch' "
			"gets another, a path needs a slash",
			ref, near);
	*ret_index = found;
	return 0;
}

static int find_in_store(const char *ref, struct kernel_entry **ret_entry,
			 struct ktstr_error *error)
{
	auto_kernel_list struct kernel_list list = { 0 };
	struct kernel_listing *item;
	size_t index;
	int err = kernel_store_list(&list, error);

	if (err)
		return err;
	index = list.default_index;
	if (!ref && index == list.count)
		return ktstr_error_set(error, -ENOENT,
				       "no kernel in the store: run 'ktstr kernel fetch'");
	if (ref) {
		err = match(&list, ref, &index, error);
		if (err)
			return err;
	}
	item = &list.items[index];
	if (!item->entry)
		return ktstr_error_set(
			error, item->damage.code,
			"kernel '%s' is damaged: %s; run 'ktstr kernel rm %s' and fetch it "
			"again",
			item->ref, item->damage.text, item->ref);
	*ret_entry = take_pointer(item->entry);
	return 0;
}

int kernel_store_find(const char *ref, struct kernel_entry **ret_entry, struct ktstr_error *error)
{
	const char *chosen = ref ?: getenv("KTSTR_KERNEL");
	int err;

	if (chosen && !*chosen)
		chosen = NULL;
	if (chosen && strchr(chosen, '/'))
		err = kernel_add_inspect(chosen, ret_entry, error);
	else
		err = find_in_store(chosen, ret_entry, error);
	if (err && chosen && !ref)
		return ktstr_error_wrap(error, err, "KTSTR_KERNEL");
	return err;
}

int kernel_store_remove(const char *ref, char **ret_ref, struct ktstr_error *error)
{
	auto_kernel_list struct kernel_list list = { 0 };
	auto_close int root = -1;
	size_t index;
	int err = kernel_store_list(&list, error);

	if (!err)
		err = match(&list, ref, &index, error);
	if (!err)
		err = cache_dir_open(CACHE_DIR_KERNELS, &root, NULL, error);
	if (!err)
		err = stage_retire(root, list.items[index].ref, error);
	if (err)
		return err;
	*ret_ref = take_pointer(list.items[index].ref);
	return 0;
}
