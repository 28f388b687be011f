// SPDX-License-Identifier: GPL-2.0-only
/*
 * One loop turns what QEMU and the guest say, and QEMU's end, into events. What was read is handed
 * out before more is read, so every buffer is bounded; what a dying QEMU leaves in its sockets
 * comes before the news of its death, so an Oops is never lost to a race.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "vm/vm_private.h"

static const char *const channel_names[] = { [CTL] = WIRE_PORT_CTL, [LOG] = WIRE_PORT_LOG };

static void close_channel(struct vm *vm, enum channel channel)
{
	if (vm->fds[channel] >= 0)
		close(take_fd(&vm->fds[channel]));
}

static void report_broken(struct vm *vm, int err, const char *what)
{
	if (vm->broken_count < BROKEN_MAX)
		ktstr_error_set(&vm->broken[vm->broken_count++], err, "%s", what);
}

static bool take_frame(struct vm *vm, enum channel channel, struct vm_event *event)
{
	struct ktstr_error error = { 0 };
	int got = frame_reader_next(vm->readers[channel], &event->frame, &error);

	if (got > 0) {
		event->kind = channel == CTL ? VM_EVENT_CTL : VM_EVENT_LOG;
		if (!vm->times.first_frame_ns && channel == CTL)
			vm->times.first_frame_ns = clock_now_ns();
		return true;
	}
	if (got < 0 && vm->fds[channel] >= 0) {
		close_channel(vm, channel);
		ktstr_error_wrap(&error, got, "port '%s'", channel_names[channel]);
		report_broken(vm, got, error.text);
	}
	return false;
}

static bool take_line(struct vm *vm, struct vm_event *event)
{
	vm->input_start += console_feed(vm->console, vm->input + vm->input_start,
					vm->input_end - vm->input_start, &event->line);
	if (!event->line)
		return false;
	event->notice = console_classify(event->line);
	event->kind = VM_EVENT_CONSOLE;
	return true;
}

static void note_shutdown(struct vm *vm, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	const char *reason = json_string_value(
		json_object_get(json_object_get(event, "data"), "reason"));

	if (name && reason && strcmp(name, "SHUTDOWN") == 0)
		snprintf(vm->shutdown_reason, sizeof(vm->shutdown_reason), "%s", reason);
}

static bool take_qmp(struct vm *vm, struct vm_event *event)
{
	json_decref(vm->event);
	vm->event = qmp_event_take(vm->qmp);
	if (!vm->event)
		return false;
	note_shutdown(vm, vm->event);
	event->json = vm->event;
	event->kind = VM_EVENT_QMP;
	return true;
}

/* That something of QMP is there which is no event. */
static bool take_qmp_news(struct vm *vm, struct vm_event *event)
{
	/* qmp_execute() takes its answer before anyone looks here. */
	bool answered = qmp_answered(vm->qmp), news = answered && !vm->answer_told;

	if (qmp_ready(vm->qmp) && !vm->machine_told) {
		vm->machine_told = true;
		event->kind = VM_EVENT_MACHINE;
		return true;
	}
	vm->answer_told = answered;
	if (news)
		event->kind = VM_EVENT_ANSWER;
	return news;
}

/* Something that was read before and waits to be delivered. */
static bool take_buffered(struct vm *vm, struct vm_event *event)
{
	if (take_frame(vm, CTL, event) || take_frame(vm, LOG, event) || take_line(vm, event))
		return true;
	if (vm->tty_size) {
		event->data = vm->tty;
		event->size = vm->tty_size;
		event->kind = VM_EVENT_TTY;
		vm->tty_size = 0;
		return true;
	}
	if (take_qmp(vm, event) || take_qmp_news(vm, event))
		return true;
	if (vm->broken_count) {
		event->error = vm->broken[--vm->broken_count];
		event->kind = VM_EVENT_BROKEN;
		return true;
	}
	for (unsigned i = 0; i < vm->watched_count; i++) {
		if (vm->watched_ready & 1u << i) {
			vm->watched_ready &= ~(1u << i);
			event->fd = vm->watched[i];
			event->kind = VM_EVENT_WATCHED;
			return true;
		}
	}
	return false;
}

/* Keep the end: the first lines are warnings, the last one is why it gave up. */
static void keep_complaint(struct vm *vm, const char *data, size_t size)
{
	size_t drop;

	if (size > STDERR_KEEP) {
		data += size - STDERR_KEEP;
		size = STDERR_KEEP;
	}
	drop = vm->complaint_length + size > STDERR_KEEP ? vm->complaint_length + size - STDERR_KEEP
							 : 0;
	memmove(vm->complaint, vm->complaint + drop, vm->complaint_length - drop);
	vm->complaint_length -= drop;
	memcpy(vm->complaint + vm->complaint_length, data, size);
	vm->complaint_length += size;
	vm->complaint[vm->complaint_length] = '\0';
}

/* One read(2); what was buffered of this channel has been delivered. */
static void read_channel(struct vm *vm, enum channel channel)
{
	char data[READ_STEP];
	ssize_t got;

	if (channel == CTL || channel == LOG) {
		got = frame_reader_fill(vm->readers[channel], vm->fds[channel]);
		if (got == 0 && frame_reader_pending(vm->readers[channel])) {
			snprintf(data, sizeof(data),
				 "port '%s': closed in the middle of a frame (%zu bytes)",
				 channel_names[channel],
				 frame_reader_pending(vm->readers[channel]));
			report_broken(vm, -EBADMSG, data);
		}
	} else if (channel == CONSOLE) {
		got = read(vm->fds[channel], vm->input, sizeof(vm->input));
		vm->input_start = 0;
		vm->input_end = got > 0 ? (size_t)got : 0;
	} else if (channel == TTY) {
		got = read(vm->fds[channel], vm->tty, sizeof(vm->tty));
		vm->tty_size = got > 0 ? (size_t)got : 0;
	} else {
		got = read(vm->fds[channel], data, sizeof(data));
		if (got > 0)
			keep_complaint(vm, data, (size_t)got);
	}
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		close_channel(vm, channel);
}

static void handle_qmp(struct vm *vm)
{
	struct ktstr_error error = { 0 };
	int err = qmp_handle(vm->qmp, &error);

	if (err && !vm->ended)
		report_broken(vm, err, error.text);
	if (!vm->times.machine_ns && qmp_ready(vm->qmp))
		vm->times.machine_ns = clock_now_ns();
}

static void handle_end(struct vm *vm)
{
	if (process_wait(&vm->qemu, 0, &vm->end) < 0)
		return;
	vm->ended = true;
	vm->times.end_ns = clock_now_ns();
}

/* Wait for input and read once from each that has some. False: nothing came. */
static bool read_input(struct vm *vm, int timeout_ms)
{
	enum { QMP = CHANNELS, END, WATCHED, SLOTS = WATCHED + VM_WATCHED_MAX };
	struct pollfd slots[SLOTS];
	int ready;

	for (int i = 0; i < CHANNELS; i++)
		slots[i] = (struct pollfd){ .fd = vm->fds[i], .events = POLLIN };
	slots[QMP] = (struct pollfd){ .fd = qmp_fd(vm->qmp), .events = POLLIN };
	slots[END] = (struct pollfd){ .fd = vm->ended ? -1 : vm->qemu.pidfd, .events = POLLIN };
	for (unsigned i = 0; i < VM_WATCHED_MAX; i++)
		slots[WATCHED + i] = (struct pollfd){ .fd = i < vm->watched_count ? vm->watched[i]
										  : -1,
						      .events = POLLIN };
	ready = poll(slots, SLOTS, timeout_ms);
	if (ready < 0 && errno != EINTR)
		report_broken(vm, -errno, "poll failed");
	if (ready <= 0)
		return ready < 0;
	for (int i = 0; i < CHANNELS; i++)
		if (slots[i].revents)
			read_channel(vm, (enum channel)i);
	if (slots[QMP].revents)
		handle_qmp(vm);
	if (slots[END].revents)
		handle_end(vm);
	for (unsigned i = 0; i < vm->watched_count; i++)
		if (slots[WATCHED + i].revents)
			vm->watched_ready |= 1u << i;
	return true;
}

static bool all_closed(const struct vm *vm)
{
	for (int i = 0; i < CHANNELS; i++)
		if (vm->fds[i] >= 0)
			return false;
	return qmp_fd(vm->qmp) < 0;
}

enum vm_event_kind vm_poll(struct vm *vm, uint64_t deadline_ns, struct vm_event *ret_event)
{
	bool expired = false;

	*ret_event = (struct vm_event){ .kind = VM_EVENT_TIMEOUT, .fd = -1 };
	while (!take_buffered(vm, ret_event)) {
		int timeout_ms = clock_poll_timeout_ms(deadline_ns);

		if (vm->ended && all_closed(vm)) {
			ret_event->kind = VM_EVENT_EXIT;
			break;
		}
		/* One look after the deadline; deadline 0 asks for just that, any number of times.
		 */
		if (expired || (deadline_ns && vm->expired_ns == deadline_ns))
			break;
		expired = timeout_ms == 0;
		if (expired)
			vm->expired_ns = deadline_ns;
		if (!read_input(vm, vm->ended ? 0 : timeout_ms) && vm->ended) {
			/* Dead, and silent: whoever else holds the other ends will not speak for
			 * it. */
			for (int i = 0; i < CHANNELS; i++)
				close_channel(vm, (enum channel)i);
			ret_event->kind = VM_EVENT_EXIT;
			break;
		}
	}
	return ret_event->kind;
}
