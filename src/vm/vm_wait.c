// SPDX-License-Identifier: GPL-2.0-only
/* One exchange with a VM: the steps wait for their own event, the rest is passed on. */
#include <errno.h>

#include "base/clock.h"
#include "vm/vm_wait.h"

struct vm_wait vm_wait_begin(struct vm *vm, const char *purpose, uint64_t limit_ms,
			     const struct vm_listener *listener)
{
	return (struct vm_wait){ vm, purpose, limit_ms, clock_deadline_ms(limit_ms), listener };
}

static void pass_on(const struct vm_wait *wait, const struct vm_event *event)
{
	if (wait->listener && wait->listener->event)
		wait->listener->event(wait->listener->data, event);
}

int vm_wait_until(const struct vm_wait *wait,
		  int (*mine)(void *data, const struct vm_event *event, struct ktstr_error *error),
		  void *data, struct ktstr_error *error)
{
	for (;;) {
		struct vm_event event;
		int verdict;

		if (!mine && qmp_ready(vm_qmp(wait->vm)))
			return 0;
		switch (vm_poll(wait->vm, wait->deadline_ns, &event)) {
		case VM_EVENT_TIMEOUT:
			return ktstr_error_set(error, -ETIMEDOUT, "%s: not done within %llu ms",
					       wait->purpose, (unsigned long long)wait->limit_ms);
		case VM_EVENT_EXIT:
			return ktstr_error_set(error, -EPIPE, "%s: %s", wait->purpose,
					       vm_end_text(wait->vm));
		case VM_EVENT_WATCHED:
			pass_on(wait, &event);
			return ktstr_error_set(error, -EINTR, "%s: interrupted", wait->purpose);
		default:
			break;
		}
		verdict = mine ? mine(data, &event, error) : 0;
		if (verdict < 0)
			return ktstr_error_wrap(error, verdict, "%s", wait->purpose);
		if (verdict > 0)
			return 0;
		pass_on(wait, &event);
	}
}

static int is_answer(void *data, const struct vm_event *event, struct ktstr_error *error)
{
	(void)data;
	(void)error;
	return event->kind == VM_EVENT_ANSWER;
}

int vm_wait_execute(const struct vm_wait *wait, const char *command, json_t *arguments,
		    json_t **ret_result, struct ktstr_error *error)
{
	struct qmp *qmp = vm_qmp(wait->vm);
	int err = qmp_submit(qmp, command, arguments, wait->deadline_ns, error);

	json_decref(arguments);
	if (err == -EPIPE || !err)
		err = vm_wait_until(wait, is_answer, NULL, error);
	else
		err = ktstr_error_wrap(error, err, "%s", wait->purpose);
	if (err)
		return err;
	err = qmp_answer_take(qmp, ret_result, error);
	return err ? ktstr_error_wrap(error, err, "%s", wait->purpose) : 0;
}
