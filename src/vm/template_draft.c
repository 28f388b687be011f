// SPDX-License-Identifier: GPL-2.0-only
/* Making templates: one process at a time for each, out of sight until it is complete. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/size.h"
#include "base/sparse.h"
#include "base/stage.h"
#include "vm/template_draft.h"

#define LOCK_PREFIX ".making-"
#define LOCK_STEP_MS 200 /* how soon a wish to stop is heard */
#define MIB (UINT64_C(1) << 20)

struct template_draft {
	struct template_request request; /* borrowed */
	char lock_name[sizeof(LOCK_PREFIX) + TEMPLATE_NAME_DIGITS];
	int lock;
	struct stage *stage;
	int ram_fd, state_fd;
};

void template_draft_free(struct template_draft *draft)
{
	if (!draft)
		return;
	if (draft->ram_fd >= 0)
		close(draft->ram_fd);
	if (draft->state_fd >= 0)
		close(draft->state_fd);
	stage_free(draft->stage);
	/*
	 * Last, for from here on others may begin. Those who wait have the file open and get its
	 * lock, those who come now make another; both look for the template again then.
	 */
	unlinkat(draft->request.store->root, draft->lock_name, 0);
	close(draft->lock);
	free(draft);
}

int template_draft_ram_fd(const struct template_draft *draft)
{
	return draft->ram_fd;
}

int template_draft_state_fd(const struct template_draft *draft)
{
	return draft->state_fd;
}

static void notice(const struct template_request *request, const char *text)
{
	if (request->notice)
		request->notice(request->notice_data, text);
}

static bool stop_asked(const struct template_request *request)
{
	struct pollfd stop = { .fd = request->stop_fd, .events = POLLIN };

	return request->stop_fd >= 0 && poll(&stop, 1, 0) > 0;
}

static int take_lock(const struct template_request *request, const char *name, int *ret_lock,
		     struct ktstr_error *error)
{
	uint64_t deadline_ns = clock_deadline_ms(request->wait_ms);
	bool waiting = false;
	char text[128], own[48];
	int err;

	snprintf(own, sizeof(own), "held by pid %d (", getpid());
	for (;;) {
		struct ktstr_error busy = { 0 };

		err = lock_take(request->store->root, name, "making a template",
				waiting ? clock_deadline_ms(LOCK_STEP_MS) : clock_now_ns(),
				ret_lock, &busy);
		if (!err)
			return 0;
		if (err != -EBUSY)
			return ktstr_error_set(error, err, "%s", busy.text);
		if (clock_now_ns() >= deadline_ns)
			return ktstr_error_set(error, err,
					       "another process is making it, for longer than "
					       "%" PRIu64 " ms",
					       request->wait_ms);
		if (stop_asked(request))
			return ktstr_error_set(error, -EINTR, "interrupted");
		if (waiting)
			continue;
		waiting = true;
		/* Tests of one run wait for each other all the time: that is no news. */
		if (strstr(busy.text, own))
			continue;
		snprintf(text, sizeof(text),
			 "waiting for template '%s', which another process is making",
			 request->key->name);
		notice(request, text);
	}
}

/* Sparse, so it will not take all of it; but a guest that finds the disk full dies of SIGBUS. */
static int check_room(const struct template_request *request, struct ktstr_error *error)
{
	uint64_t wanted = request->memory_mib * MIB, room;
	char wanted_text[SIZE_TEXT_MAX], room_text[SIZE_TEXT_MAX];
	struct statvfs fs;

	if (fstatvfs(request->store->root, &fs) < 0)
		return ktstr_error_set(error, -errno, "'%s': %s", request->store->path,
				       strerror(errno));
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room < wanted)
		return ktstr_error_set(error, -ENOSPC,
				       "'%s' has room for %s, the guest's memory is %s; "
				       "free some, or set " TEMPLATE_DIR_ENV
				       " to a folder that has it",
				       request->store->path, size_format(room, room_text),
				       size_format(wanted, wanted_text));
	return 0;
}

static int make_file(int folder, const char *name, uint64_t size, int *ret_fd,
		     struct ktstr_error *error)
{
	auto_close int fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return ktstr_error_set(error, -errno, "make '%s' of %ju bytes: %s", name,
				       (uintmax_t)size, strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}

static int copy_base(const struct template_draft *draft, struct ktstr_error *error)
{
	const struct template *base = draft->request.base;
	int err = sparse_copy(base->ram_fd, draft->ram_fd);

	if (!err)
		err = sparse_copy(base->state_fd, draft->state_fd);
	if (err)
		return ktstr_error_set(error, err, "copy template '%s': %s", base->about.name,
				       strerror(-err));
	return 0;
}

static int open_files(struct template_draft *draft, struct ktstr_error *error)
{
	const struct template_request *request = &draft->request;
	int err = check_room(request, error);

	if (!err)
		err = stage_open(request->store->root, &draft->stage, error);
	if (!err)
		err = make_file(stage_fd(draft->stage), TEMPLATE_RAM, request->memory_mib * MIB,
				&draft->ram_fd, error);
	if (!err)
		err = make_file(stage_fd(draft->stage), TEMPLATE_STATE, 0, &draft->state_fd, error);
	return err || !request->base ? err : copy_base(draft, error);
}

/* With the lock, without files yet. */
static int draft_new(const struct template_request *request, struct template_draft **ret_draft,
		     struct ktstr_error *error)
{
	struct template_draft *draft = calloc(1, sizeof(*draft));
	int err;

	if (!draft)
		return ktstr_error_set(error, -ENOMEM, "no memory");
	*draft = (struct template_draft){ .request = *request, .ram_fd = -1, .state_fd = -1 };
	snprintf(draft->lock_name, sizeof(draft->lock_name), LOCK_PREFIX "%s", request->key->name);
	err = take_lock(request, draft->lock_name, &draft->lock, error);
	if (err) {
		free(draft); /* the lock is another's */
		return err;
	}
	*ret_draft = draft;
	return 0;
}

/* 0: there it is. -ENOENT: there is none that could be used, which is noticed if there should be.
 */
static int look_for(const struct template_request *request, struct template **ret_template,
		    struct ktstr_error *error)
{
	struct ktstr_error why = { 0 };
	char text[sizeof(why.text) + 64];
	int err = template_open(request->store->root, request->key, ret_template, &why);

	if (!err || err == -ENOENT)
		return err;
	if (err == -EBADMSG) {
		snprintf(text, sizeof(text), "%s; it is made anew", why.text);
		notice(request, text);
	}
	if (err == -EBADMSG || err == -ESTALE)
		return -ENOENT;
	return ktstr_error_set(error, err, "%s", why.text);
}

int template_obtain(const struct template_request *request, struct template **ret_template,
		    struct template_draft **ret_draft, struct ktstr_error *error)
{
	auto_template_draft struct template_draft *draft = NULL;
	int err = look_for(request, ret_template, error);

	if (err != -ENOENT)
		return err;
	err = draft_new(request, &draft, error);
	if (!err) {
		/* Whoever had the lock before us may have made it. */
		err = template_open(request->store->root, request->key, ret_template, NULL);
		if (!err)
			return 0;
		err = open_files(draft, error);
	}
	if (err)
		return ktstr_error_wrap(error, err, "make template '%s'", request->key->name);
	*ret_draft = take_pointer(draft);
	return 0;
}

static void stamp(char text[24])
{
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc) || strftime(text, 24, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		text[0] = '\0';
}

static int publish(struct template_draft *draft, const struct template_about *about,
		   struct ktstr_error *error)
{
	const struct template_key *key = draft->request.key;
	struct template_about complete = *about;
	int err;

	memcpy(complete.name, key->name, sizeof(complete.name));
	memcpy(complete.slot, key->slot, sizeof(complete.slot));
	stamp(complete.created);
	/* For good: nothing may write to them by accident from here on. */
	if (fchmod(draft->ram_fd, 0400) < 0 || fchmod(draft->state_fd, 0400) < 0)
		return ktstr_error_set(error, -errno, "chmod: %s", strerror(errno));
	err = template_write_meta(stage_fd(draft->stage), key, &complete, error);
	return err ? err : stage_publish(&draft->stage, key->name, error);
}

/*
 * What a maker that was killed has left, unless the same template is made again. One who has opened
 * such a file and not locked it yet may then work beside another: the later one's template stays.
 */
static void sweep_locks(const struct template_store *store)
{
	auto_close int copy = openat(store->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *member;

	if (!dir)
		return;
	take_fd(&copy); /* the stream closes it */
	while ((member = readdir(dir))) {
		auto_close int lock = -1;

		if (strncmp(member->d_name, LOCK_PREFIX, strlen(LOCK_PREFIX)) != 0)
			continue;
		lock = openat(store->root, member->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
			unlinkat(store->root, member->d_name, 0);
	}
}

int template_draft_finish(struct template_draft **draft, struct vm *vm,
			  const struct template_about *about, uint64_t limit_ms,
			  const struct vm_listener *listener, struct template **ret_template,
			  struct ktstr_error *error)
{
	auto_template_draft struct template_draft *used_up = take_pointer(*draft);
	const struct template_request *request = &used_up->request;
	struct template_pruned pruned;
	int err = vm_save(vm, limit_ms, listener, error);

	if (!err)
		err = publish(used_up, about, error);
	if (!err)
		err = template_open(request->store->root, request->key, ret_template, error);
	if (err)
		return ktstr_error_wrap(error, err, "make template '%s'", request->key->name);
	err = template_store_prune(request->store, request->key->name, &pruned, NULL);
	(void)err; /* the next one tries again */
	sweep_locks(request->store);
	return 0;
}
