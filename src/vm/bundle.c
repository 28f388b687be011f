// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hand a test's files to a guest: LINK, or FILE and its FILE_DATA, back to back; confirmations come
 * on the way.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "vm/bundle.h"
#include "wire/message_json.h"

/* Small enough that the console is looked at every few ms (measured: 7 to 30 MiB/s under TCG). */
#define CHUNK 131072u
/* QEMU's death is seen as EPIPE before its last words are read. */
#define LAST_WORDS_MS 1000

/* What a file of the bundle takes; neither: the guest has it where it belongs. */
struct part {
	char *content;
	const struct guest_file *same; /* in the guest, of another name */
};

struct bundle {
	const struct initramfs *initramfs;
	struct guest_files files; /* the first loaded_count have been looked at */
	struct part *parts;
	size_t loaded_count;
	size_t count;
	uint64_t bytes;
};

/* One sending of a bundle. */
struct transfer {
	const struct bundle *bundle;
	struct vm *vm;
	uint64_t deadline_ns;
	const struct bundle_listener *listener;
	json_int_t first_id;
	size_t confirmed;
	uint64_t sent_bytes;
};

int bundle_new(const struct initramfs *initramfs, struct bundle **ret_bundle,
	       struct ktstr_error *error)
{
	struct bundle *bundle = calloc(1, sizeof(*bundle));

	if (!bundle)
		return ktstr_error_set(error, -ENOMEM, "bundle: no memory");
	bundle->initramfs = initramfs;
	*ret_bundle = bundle;
	return 0;
}

void bundle_free(struct bundle *bundle)
{
	if (!bundle)
		return;
	for (size_t i = 0; i < bundle->loaded_count; i++)
		free(bundle->parts[i].content);
	free(bundle->parts);
	guest_files_release(&bundle->files);
	free(bundle);
}

size_t bundle_count(const struct bundle *bundle)
{
	return bundle->count;
}

uint64_t bundle_bytes(const struct bundle *bundle)
{
	return bundle->bytes;
}

const struct guest_files *bundle_files(const struct bundle *bundle)
{
	return &bundle->files;
}

static bool is_same(const struct guest_file *a, const struct guest_file *b)
{
	return a->size == b->size && a->hash == b->hash;
}

/* Takes content over where it has to be sent. */
static struct part choose(const struct bundle *bundle, const struct guest_file *file,
			  char **content)
{
	const struct guest_files *there = bundle->initramfs ? initramfs_files(bundle->initramfs)
							    : NULL;
	const struct guest_file *here = there ? guest_files_find(there, file->guest_path) : NULL;
	const struct guest_file *same = NULL;

	if (here && is_same(here, file))
		return (struct part){ NULL };
	if (there && !here)
		same = guest_files_find_content(there, file);
	return same ? (struct part){ .same = same }
		    : (struct part){ .content = take_pointer(*content) };
}

static int load_new(struct bundle *bundle, struct ktstr_error *error)
{
	struct part *grown = reallocarray(bundle->parts, bundle->files.count + 1, sizeof(*grown));

	if (!grown)
		return ktstr_error_set(error, -ENOMEM, "bundle: no memory");
	bundle->parts = grown;
	while (bundle->loaded_count < bundle->files.count) {
		struct guest_file *file = &bundle->files.items[bundle->loaded_count];
		struct part *part = &grown[bundle->loaded_count];
		auto_free char *content = NULL;
		int err = guest_file_load(file, &content, error);

		if (err)
			return err;
		*part = choose(bundle, file, &content);
		bundle->loaded_count++;
		bundle->count += part->same || part->content;
		bundle->bytes += part->content ? file->size : 0;
	}
	return 0;
}

int bundle_add_program(struct bundle *bundle, const char *host_path, const char *guest_path,
		       struct ktstr_error *error)
{
	int err = guest_files_add_program(&bundle->files, host_path, guest_path, error);

	return err ? err : load_new(bundle, error);
}

int bundle_add_file(struct bundle *bundle, const char *host_path, const char *guest_path,
		    struct ktstr_error *error)
{
	int err = guest_files_add(&bundle->files, host_path, guest_path, error);

	return err ? err : load_new(bundle, error);
}

/* 1: it was about the bundle; 0: it was not. */
static int handle_reply(struct transfer *transfer, const struct frame *frame,
			struct ktstr_error *error)
{
	const char *text;
	json_t *reply;
	json_int_t id;
	int err;

	if (frame->type != MESSAGE_DONE && frame->type != MESSAGE_FAILED)
		return 0;
	err = message_parse(frame, &reply, error);
	if (err)
		return err;
	id = json_integer_value(json_object_get(reply, "id"));
	if (id < transfer->first_id ||
	    id >= transfer->first_id + (json_int_t)transfer->bundle->count) {
		json_decref(reply);
		return 0;
	}
	text = json_string_value(json_object_get(reply, "text"));
	if (frame->type == MESSAGE_FAILED)
		err = ktstr_error_set(error, -EREMOTEIO, "the guest refused a file: %.500s",
				      text ? text : "no reason given");
	transfer->confirmed++;
	json_decref(reply);
	return err ? err : 1;
}

/* Deliver events until the deadline, or only those that are there. 0 when time is up. */
static int listen_until(struct transfer *transfer, uint64_t deadline_ns, struct ktstr_error *error)
{
	const struct bundle_listener *listener = transfer->listener;

	while (transfer->confirmed < transfer->bundle->count) {
		struct vm_event event;
		int ours = 0;

		switch (vm_poll(transfer->vm, deadline_ns, &event)) {
		case VM_EVENT_TIMEOUT:
			return 0;
		case VM_EVENT_EXIT:
			return ktstr_error_set(error, -EPIPE, "send files: %s",
					       vm_end_text(transfer->vm));
		case VM_EVENT_CTL:
			ours = handle_reply(transfer, &event.frame, error);
			break;
		default:
			break;
		}
		if (ours < 0)
			return ours;
		if (!ours && listener && listener->event)
			listener->event(listener->data, &event);
		if (clock_now_ns() >= transfer->deadline_ns)
			break;
	}
	return 0;
}

static int send_frame(struct transfer *transfer, enum message_type type, const void *data,
		      size_t size, struct ktstr_error *error)
{
	struct ktstr_error last_words = { 0 };
	int err = vm_send(transfer->vm, type, data, size, transfer->deadline_ns, error);

	if (err == -EPIPE &&
	    listen_until(transfer, clock_deadline_ms(LAST_WORDS_MS), &last_words) < 0)
		return ktstr_error_set(error, err, "%s", last_words.text);
	return err ? err : listen_until(transfer, 0, error);
}

static int send_link(struct transfer *transfer, const struct guest_file *file,
		     const struct guest_file *same, json_int_t id, struct ktstr_error *error)
{
	json_t *message = json_pack("{s:I, s:s, s:s}", "id", id, "path", file->guest_path, "target",
				    same->guest_path);
	auto_free char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	int err;

	json_decref(message);
	if (!text)
		return ktstr_error_set(error, -EINVAL, "file '%s': its path is no UTF-8",
				       file->guest_path);
	err = send_frame(transfer, MESSAGE_LINK, text, strlen(text), error);
	return err ? ktstr_error_wrap(error, err, "file '%s'", file->guest_path) : 0;
}

static int send_file(struct transfer *transfer, const struct guest_file *file, const char *content,
		     json_int_t id, struct ktstr_error *error)
{
	const struct bundle_listener *listener = transfer->listener;
	json_t *announcement = json_pack("{s:I, s:s, s:i, s:I}", "id", id, "path", file->guest_path,
					 "mode", (int)file->mode, "size", (json_int_t)file->size);
	auto_free char *text = announcement ? json_dumps(announcement, JSON_COMPACT) : NULL;
	int err;

	json_decref(announcement);
	if (!text)
		return ktstr_error_set(error, -EINVAL, "file '%s': its path is no UTF-8",
				       file->guest_path);
	err = send_frame(transfer, MESSAGE_FILE, text, strlen(text), error);
	for (uint64_t at = 0; !err && at < file->size; at += CHUNK) {
		size_t size = file->size - at < CHUNK ? (size_t)(file->size - at) : CHUNK;

		err = send_frame(transfer, MESSAGE_FILE_DATA, content + at, size, error);
		transfer->sent_bytes += size;
		if (!err && listener && listener->progress)
			listener->progress(listener->data, transfer->sent_bytes,
					   transfer->bundle->bytes);
	}
	return err ? ktstr_error_wrap(error, err, "file '%s'", file->guest_path) : 0;
}

int bundle_send(const struct bundle *bundle, struct vm *vm, uint64_t deadline_ns,
		const struct bundle_listener *listener, struct ktstr_error *error)
{
	struct transfer transfer = { bundle, vm, deadline_ns, listener, 0, 0, 0 };
	int err = 0;

	/* Ids in a row, so that a reply's id alone says whether it is ours. */
	for (size_t i = 0; i < bundle->count; i++) {
		json_int_t id = vm_next_id(vm);

		if (i == 0)
			transfer.first_id = id;
	}
	json_int_t id = transfer.first_id;
	for (size_t i = 0; !err && i < bundle->loaded_count; i++) {
		const struct part *part = &bundle->parts[i];

		if (part->same)
			err = send_link(&transfer, &bundle->files.items[i], part->same, id++,
					error);
		else if (part->content)
			err = send_file(&transfer, &bundle->files.items[i], part->content, id++,
					error);
	}
	if (!err)
		err = listen_until(&transfer, deadline_ns, error);
	if (!err && transfer.confirmed < bundle->count)
		return ktstr_error_set(error, -ETIMEDOUT,
				       "send files: the guest confirmed %zu of %zu in time",
				       transfer.confirmed, bundle->count);
	return err;
}
