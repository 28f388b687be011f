// SPDX-License-Identifier: GPL-2.0-only
/* One template on disk: its description, written and read, and the proof that its files fit. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/tree.h"
#include "vm/template.h"

#define META_FORMAT 1
#define META_LIMIT_BYTES (1u << 20)
#define STATE_LIMIT_BYTES (256u << 20) /* 150 KiB and some KiB a CPU */
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_MAX 64

/* Whoever locks a template for itself does so to remove it: that is over in no time. */
#define LOCK_MS 1000
#define LOCK_RETRY_NS (2 * NS_PER_MS)

static void auto_json_fn(json_t **json)
{
	json_decref(*json);
}
#define auto_json __attribute__((cleanup(auto_json_fn)))

void template_free(struct template *template)
{
	if (!template)
		return;
	if (template->ram_fd >= 0)
		close(template->ram_fd);
	if (template->state_fd >= 0)
		close(template->state_fd);
	free(template);
}

/* The text members of struct template_about, as they stand in meta.json. */
static const struct {
	const char *key;
	size_t offset, size;
	bool optional; /* "" where it is missing */
} texts[] = {
#define ROW(member, is_optional)                                                                   \
	{                                                                                          \
		.key = #member, .offset = offsetof(struct template_about, member),                 \
		.size = sizeof(((struct template_about *)0)->member), .optional = (is_optional)    \
	}
	ROW(name, false),  ROW(kernel, false),	ROW(topology, false), ROW(qemu, false),
	ROW(accel, false), ROW(created, false), ROW(binary, true),    ROW(slot, true),
#undef ROW
};

static char *member(const struct template_about *about, size_t offset)
{
	return (char *)(uintptr_t)about + offset;
}

static int read_boot_id(char boot_id[BOOT_ID_MAX], struct ktstr_error *error)
{
	auto_free char *text = NULL;
	int err = file_read(AT_FDCWD, BOOT_ID_PATH, BOOT_ID_MAX - 1, &text, NULL, error);

	if (err)
		return err;
	snprintf(boot_id, BOOT_ID_MAX, "%.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

static int open_file(int folder, const char *name, int *ret_fd, struct stat *ret_st,
		     struct ktstr_error *error)
{
	auto_close int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return ktstr_error_set(error, -EBADMSG, "'%s': %s", name, strerror(errno));
	if (!S_ISREG(ret_st->st_mode))
		return ktstr_error_set(error, -EBADMSG, "'%s' is not a regular file", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* What tells a memory file that was changed or replaced from the one that was written. */
static json_t *ram_json(const struct stat *st)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "bytes", (json_int_t)st->st_size, "inode",
			 (json_int_t)st->st_ino, "mtime_s", (json_int_t)st->st_mtim.tv_sec,
			 "mtime_ns", (json_int_t)st->st_mtim.tv_nsec);
}

static int hash_file(int fd, size_t size, uint64_t *ret_hash, struct ktstr_error *error)
{
	void *data = size && size <= STATE_LIMIT_BYTES
			     ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0)
			     : MAP_FAILED;

	if (data == MAP_FAILED)
		return ktstr_error_set(error, -EBADMSG, "'" TEMPLATE_STATE "' has %zu bytes", size);
	*ret_hash = hash_bytes(data, size, 0);
	munmap(data, size);
	return 0;
}

static json_t *state_json(const struct stat *st, uint64_t hash)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016" PRIx64, hash);
	return json_pack("{s:I, s:s}", "bytes", (json_int_t)st->st_size, "hash", hex);
}

int template_write_meta(int folder, const struct template_key *key,
			const struct template_about *about, struct ktstr_error *error)
{
	auto_close int ram = -1;
	auto_close int state = -1;
	struct stat ram_st, state_st;
	char boot_id[BOOT_ID_MAX];
	uint64_t hash = 0;
	int err = open_file(folder, TEMPLATE_RAM, &ram, &ram_st, error);

	if (!err)
		err = open_file(folder, TEMPLATE_STATE, &state, &state_st, error);
	if (!err)
		err = hash_file(state, (size_t)state_st.st_size, &hash, error);
	if (!err)
		err = read_boot_id(boot_id, error);
	if (err)
		return err;
	auto_json json_t *meta = json_pack("{s:i, s:s, s:i, s:o, s:o, s:s}", "format", META_FORMAT,
					   "boot_id", boot_id, "memory_mib", (int)about->memory_mib,
					   "ram", ram_json(&ram_st), "state",
					   state_json(&state_st, hash), "key", key->text);
	if (!meta)
		return ktstr_error_set(error, -EINVAL, "a path that is not UTF-8");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_object_set_new(meta, texts[i].key,
				    json_string(member(about, texts[i].offset)));
	auto_free char *text = json_dumps(meta, JSON_INDENT(2));
	if (!text)
		return ktstr_error_set(error, -ENOMEM, "no memory");
	return tree_write(folder, TEMPLATE_META, text, strlen(text), error);
}

/* -ENOENT: no entry of that name. */
static int open_folder(int root, const char *name, int *ret_fd, struct ktstr_error *error)
{
	int fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return ktstr_error_set(error, -errno, "template '%s': %s", name, strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int read_meta(int folder, json_t **ret_meta, struct template_about *about,
		     struct ktstr_error *error)
{
	auto_free char *text = NULL;
	auto_json json_t *meta = NULL;
	json_t *memory;
	size_t size;

	if (file_read(folder, TEMPLATE_META, META_LIMIT_BYTES, &text, &size, error))
		return -EBADMSG;
	meta = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	memory = json_object_get(meta, "memory_mib");
	if (json_integer_value(json_object_get(meta, "format")) != META_FORMAT ||
	    !json_is_integer(memory))
		return ktstr_error_set(error, -EBADMSG, "'" TEMPLATE_META "' is none of ktstr's");
	about->memory_mib = (unsigned)json_integer_value(memory);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const json_t *found = json_object_get(meta, texts[i].key);
		const char *value = !found && texts[i].optional ? "" : json_string_value(found);

		if (!value || strlen(value) >= texts[i].size)
			return ktstr_error_set(error, -EBADMSG, "'" TEMPLATE_META "': '%s' is %s",
					       texts[i].key, value ? "too long" : "missing");
		memcpy(member(about, texts[i].offset), value, strlen(value) + 1);
	}
	*ret_meta = take_pointer(meta);
	return 0;
}

static int check_boot(const json_t *meta, struct ktstr_error *error)
{
	const char *then = json_string_value(json_object_get(meta, "boot_id"));
	char now[BOOT_ID_MAX];
	int err = read_boot_id(now, error);

	if (!err && (!then || strcmp(then, now) != 0))
		err = ktstr_error_set(error, -ESTALE, "it is of an earlier boot of this machine");
	return err;
}

/* NULL: any. */
static int check_key(const json_t *meta, const struct template_key *key, struct ktstr_error *error)
{
	const char *text = json_string_value(json_object_get(meta, "key"));

	if (key && (!text || strcmp(text, key->text) != 0))
		return ktstr_error_set(error, -EBADMSG,
				       "'" TEMPLATE_META "' describes another guest");
	return 0;
}

/* found (taken over) is what the file is like now. */
static int compare(const json_t *meta, const char *name, json_t *found, struct ktstr_error *error)
{
	auto_json json_t *owned = found;
	json_t *noted = json_object_get(meta, name);
	const char *key;
	json_t *value;

	json_object_foreach(owned, key, value)
	{
		auto_free char *is = json_dumps(value, JSON_ENCODE_ANY);
		auto_free char *was = json_dumps(json_object_get(noted, key), JSON_ENCODE_ANY);

		if (!json_equal(value, json_object_get(noted, key)))
			return ktstr_error_set(error, -EBADMSG,
					       "'%s' was changed: its %s is %s, " TEMPLATE_META
					       " says %s",
					       name, key, is ? is : "?", was ? was : "nothing");
	}
	return 0;
}

static int check_files(int folder, const json_t *meta, struct template *template,
		       struct ktstr_error *error)
{
	struct stat ram, state;
	uint64_t hash = 0;
	int err = open_file(folder, TEMPLATE_RAM, &template->ram_fd, &ram, error);

	if (!err)
		err = compare(meta, TEMPLATE_RAM, ram_json(&ram), error);
	if (!err)
		err = open_file(folder, TEMPLATE_STATE, &template->state_fd, &state, error);
	if (!err)
		err = hash_file(template->state_fd, (size_t)state.st_size, &hash, error);
	return err ? err : compare(meta, TEMPLATE_STATE, state_json(&state, hash), error);
}

static int lock_shared(int fd, struct ktstr_error *error)
{
	uint64_t deadline_ns = clock_deadline_ms(LOCK_MS);
	const struct timespec pause = clock_timespec(LOCK_RETRY_NS);

	while (flock(fd, LOCK_SH | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return ktstr_error_set(error, -errno, "lock '" TEMPLATE_RAM "': %s",
					       strerror(errno));
		if (clock_now_ns() >= deadline_ns)
			return ktstr_error_set(error, -EBUSY,
					       "'" TEMPLATE_RAM "' is locked by another process");
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	return 0;
}

static int open_entry(int folder, const struct template_key *key, struct template *template,
		      struct ktstr_error *error)
{
	auto_json json_t *meta = NULL;
	int err = read_meta(folder, &meta, &template->about, error);

	if (!err)
		err = check_boot(meta, error);
	if (!err)
		err = check_key(meta, key, error);
	return err ? err : check_files(folder, meta, template, error);
}

/* False when another process has put the folder away: what we saw of it was not damage. */
static bool is_still_there(int root, const char *name, int folder)
{
	struct stat opened, now;

	return !fstat(folder, &opened) && !fstatat(root, name, &now, AT_SYMLINK_NOFOLLOW) &&
	       opened.st_ino == now.st_ino && opened.st_dev == now.st_dev;
}

static int open_named(int root, const char *name, const struct template_key *key,
		      struct template *template, int *ret_folder, struct ktstr_error *error)
{
	auto_close int folder = -1;
	int err = open_folder(root, name, &folder, error);

	if (err)
		return err;
	err = open_entry(folder, key, template, error);
	if (err == -EBADMSG && !is_still_there(root, name, folder))
		err = -ENOENT;
	if (err)
		return ktstr_error_wrap(error, err, "template '%s'", name);
	*ret_folder = take_fd(&folder);
	return 0;
}

static struct template *template_new(const char *name, struct ktstr_error *error)
{
	struct template *template = calloc(1, sizeof(*template));

	if (!template)
		ktstr_error_set(error, -ENOMEM, "template '%s': no memory", name);
	else
		template->ram_fd = template->state_fd = -1;
	return template;
}

int template_open(int root, const struct template_key *key, struct template **ret_template,
		  struct ktstr_error *error)
{
	auto_template struct template *template = template_new(key->name, error);
	auto_close int folder = -1;
	int err = template ? open_named(root, key->name, key, template, &folder, error) : -ENOMEM;

	if (!err)
		err = lock_shared(template->ram_fd, error);
	if (err)
		return err;
	/* The time of the last use; one that cannot be noted only makes it look older. */
	(void)utimensat(folder, TEMPLATE_META, NULL, 0);
	*ret_template = take_pointer(template);
	return 0;
}

int template_inspect(int root, const char *name, struct template_about *ret_about,
		     struct ktstr_error *error)
{
	auto_template struct template *template = template_new(name, error);
	auto_close int folder = -1;
	int err = template ? open_named(root, name, NULL, template, &folder, error) : -ENOMEM;

	*ret_about = template ? template->about : (struct template_about){ 0 };
	return err;
}
