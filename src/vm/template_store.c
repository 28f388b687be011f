// SPDX-License-Identifier: GPL-2.0-only
/* The folder of the templates: what is in it, and what has to go. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/size.h"
#include "base/stage.h"
#include "base/tree.h"
#include "vm/template_store.h"

static int read_budget(uint64_t *ret_bytes, struct ktstr_error *error)
{
	const char *text = getenv(TEMPLATE_BUDGET_ENV);
	int err;

	if (!text || !*text) {
		*ret_bytes = TEMPLATE_BUDGET_DEFAULT;
		return 0;
	}
	err = size_parse(text, ret_bytes, error);
	return err ? ktstr_error_wrap(error, err, TEMPLATE_BUDGET_ENV) : 0;
}

static int read_hot_tests(uint64_t *ret_tests, struct ktstr_error *error)
{
	const char *text = getenv(TEMPLATE_HOT_ENV);
	char *end;

	*ret_tests = TEMPLATE_HOT_DEFAULT;
	if (!text || !*text)
		return 0;
	*ret_tests = strtoul(text, &end, 10);
	if (*end || !isdigit((unsigned char)*text))
		return ktstr_error_set(error, -EINVAL,
				       TEMPLATE_HOT_ENV " '%s' is no number of tests (0: no hot "
							"templates)",
				       text);
	return 0;
}

static int open_root(struct template_store *store, struct ktstr_error *error)
{
	const char *chosen = getenv(TEMPLATE_DIR_ENV);
	struct stat st;
	int err;

	if (!chosen || !*chosen)
		return cache_dir_open(CACHE_DIR_TEMPLATES, &store->root, &store->path, error);
	err = tree_open(AT_FDCWD, chosen, &store->root, error);
	if (!err && (fstat(store->root, &st) < 0 || st.st_uid != geteuid()))
		err = ktstr_error_set(error, -EPERM,
				      "folder '%s' is another user's, whose guests would run here",
				      chosen);
	if (err)
		return ktstr_error_wrap(error, err, TEMPLATE_DIR_ENV);
	store->path = strdup(chosen);
	return store->path ? 0 : ktstr_error_set(error, -ENOMEM, "no memory");
}

int template_store_open(struct template_store *ret_store, struct ktstr_error *error)
{
	auto_template_store struct template_store store = { .root = -1 };
	int err = read_budget(&store.budget_bytes, error);

	if (!err)
		err = read_hot_tests(&store.hot_tests, error);
	if (!err)
		err = open_root(&store, error);
	if (err)
		return err;
	ret_store->root = take_fd(&store.root);
	ret_store->path = take_pointer(store.path);
	ret_store->budget_bytes = store.budget_bytes;
	ret_store->hot_tests = store.hot_tests;
	atomic_init(&ret_store->given_up, false);
	return 0;
}

bool template_store_give_up(struct template_store *store, const char *name)
{
	int err = name ? stage_retire(store->root, name, NULL) : 0;

	(void)err; /* a template that cannot be removed is given up all the same */
	return !atomic_exchange(&store->given_up, true);
}

bool template_store_given_up(const struct template_store *store)
{
	return atomic_load(&store->given_up);
}

void template_store_close(struct template_store *store)
{
	if (store->root >= 0)
		close(store->root);
	free(store->path);
	store->root = -1;
	store->path = NULL;
}

void template_list_release(struct template_list *list)
{
	free(list->items);
	*list = (struct template_list){ 0 };
}

/* Locks are for whoever maps the memory; a lock of our own tells whether there is one. */
static bool is_in_use(int ram_fd)
{
	if (flock(ram_fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK;
	flock(ram_fd, LOCK_UN);
	return false;
}

static uint64_t allocated_bytes(int folder)
{
	static const char *const files[] = { TEMPLATE_RAM, TEMPLATE_STATE, TEMPLATE_META };
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct stat st;

		if (fstatat(folder, files[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			sum += (uint64_t)st.st_blocks * 512;
	}
	return sum;
}

static void look_at(int root, const char *name, struct template_listing *listing)
{
	auto_close int folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int ram = openat(folder, TEMPLATE_RAM, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat meta = { 0 };
	int err;

	*listing = (struct template_listing){ 0 };
	memcpy(listing->name, name, sizeof(listing->name));
	err = template_inspect(root, name, &listing->about, &listing->damage);
	(void)err; /* it stands in damage */
	listing->bytes = allocated_bytes(folder);
	listing->in_use = ram >= 0 && is_in_use(ram);
	if (fstatat(folder, TEMPLATE_META, &meta, AT_SYMLINK_NOFOLLOW) == 0)
		listing->used = meta.st_mtim;
}

static int latest_first(const void *a, const void *b)
{
	const struct timespec *left = &((const struct template_listing *)a)->used;
	const struct timespec *right = &((const struct template_listing *)b)->used;

	if (left->tv_sec != right->tv_sec)
		return left->tv_sec < right->tv_sec ? 1 : -1;
	return (left->tv_nsec < right->tv_nsec) - (left->tv_nsec > right->tv_nsec);
}

static bool is_name(const char *name)
{
	return strlen(name) == TEMPLATE_NAME_DIGITS &&
	       name[strspn(name, "0123456789abcdef")] == '\0';
}

int template_store_list(const struct template_store *store, struct template_list *ret_list,
			struct ktstr_error *error)
{
	auto_template_list struct template_list list = { 0 };
	auto_close int copy = openat(store->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *member;

	if (!dir)
		return ktstr_error_set(error, -errno, "list '%s': %s", store->path,
				       strerror(errno));
	take_fd(&copy); /* the stream closes it */
	while ((member = readdir(dir))) {
		struct template_listing *grown;

		if (!is_name(member->d_name))
			continue;
		grown = reallocarray(list.items, list.count + 1, sizeof(*grown));
		if (!grown)
			return ktstr_error_set(error, -ENOMEM, "list '%s': no memory", store->path);
		list.items = grown;
		look_at(store->root, member->d_name, &list.items[list.count]);
		/* Gone since it was read: another process has removed it. */
		list.count += list.items[list.count].damage.code != -ENOENT;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), latest_first);
	*ret_list = list;
	list = (struct template_list){ 0 };
	return 0;
}

static int find(const struct template_list *list, const char *name, size_t *ret_index,
		struct ktstr_error *error)
{
	size_t matches = 0, length = strlen(name);

	for (size_t i = 0; length && i < list->count; i++) {
		if (strncmp(list->items[i].name, name, length) != 0)
			continue;
		*ret_index = i;
		matches++;
	}
	if (matches > 1)
		return ktstr_error_set(error, -EINVAL,
				       "template '%s': %zu begin that way; give more of its name",
				       name, matches);
	if (!matches)
		return ktstr_error_set(
			error, -ENOENT,
			"there is no template '%s'; 'ktstr template list' shows them", name);
	return 0;
}

int template_store_remove(const struct template_store *store, const char *name,
			  char ret_name[TEMPLATE_NAME_DIGITS + 1], struct ktstr_error *error)
{
	auto_template_list struct template_list list = { 0 };
	size_t index = 0;
	int err = template_store_list(store, &list, error);

	if (!err)
		err = find(&list, name, &index, error);
	if (!err)
		err = stage_retire(store->root, list.items[index].name, error);
	if (!err && ret_name)
		memcpy(ret_name, list.items[index].name, TEMPLATE_NAME_DIGITS + 1);
	return err;
}

/* Looks at the lock again: somebody may have begun to use it since the list was made. */
static int evict(const struct template_store *store, const struct template_listing *item,
		 struct template_pruned *pruned, struct ktstr_error *error)
{
	auto_close int folder = openat(store->root, item->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int ram = openat(folder, TEMPLATE_RAM, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int err;

	if (ram >= 0 && flock(ram, LOCK_EX | LOCK_NB))
		return 0;
	err = stage_retire(store->root, item->name, error);
	if (err == -ENOENT)
		return 0;
	if (!err) {
		pruned->count++;
		pruned->bytes += item->bytes;
	}
	return err;
}

/* A test binary waits in it. It goes first: what it is derived from costs a boot to make again. */
static bool is_hot(const struct template_listing *item)
{
	return item->about.slot[0];
}

/* Its slot has got a later build: nobody will ask for this one again. */
static bool is_replaced(const struct template_listing *item, const struct template_listing *by)
{
	return by && by != item && is_hot(by) && strcmp(by->about.slot, item->about.slot) == 0;
}

static const struct template_listing *find_listing(const struct template_list *list,
						   const char *name)
{
	for (size_t i = 0; name && i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

/* One that stays counts; latest is the one that has just been made, or NULL. */
static int keep_or_evict(const struct template_store *store, const struct template_listing *item,
			 const struct template_listing *latest, uint64_t *kept_bytes,
			 struct template_pruned *pruned, struct ktstr_error *error)
{
	bool fits = *kept_bytes + item->bytes <= store->budget_bytes;
	bool sound = !item->damage.code && fits && !is_replaced(item, latest);

	if (!sound && !item->in_use && item != latest)
		return evict(store, item, pruned, error);
	*kept_bytes += item->bytes;
	return 0;
}

int template_store_prune(const struct template_store *store, const char *spared,
			 struct template_pruned *ret_pruned, struct ktstr_error *error)
{
	auto_template_list struct template_list list = { 0 };
	struct template_pruned pruned = { 0 };
	uint64_t kept_bytes = 0;
	int err = template_store_list(store, &list, error);
	const struct template_listing *latest = find_listing(&list, spared);

	for (int hot = 0; hot < 2; hot++)
		for (size_t i = 0; !err && i < list.count; i++)
			if (is_hot(&list.items[i]) == hot)
				err = keep_or_evict(store, &list.items[i], latest, &kept_bytes,
						    &pruned, error);
	if (!err)
		*ret_pruned = pruned;
	return err;
}
