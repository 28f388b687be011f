// SPDX-License-Identifier: GPL-2.0-only
/* What QEMU says over QMP, cut at every place a socket may cut it: the first byte chooses. */
#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "vm/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size ? (size_t)data[0] + 1 : 1;
	struct qmp *qmp;
	json_t *event;
	int ends[2], err = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return 0;
	if (qmp_new(&ends[0], &qmp, NULL)) {
		close(ends[0]);
		close(ends[1]);
		return 0;
	}
	for (size_t at = 1; !err && at < size; at += step) {
		size_t part = size - at < step ? size - at : step;

		if (send(ends[1], data + at, part, MSG_NOSIGNAL) < 0)
			break;
		err = qmp_handle(qmp, NULL);
		assert(!err || qmp_fd(qmp) < 0);
		assert(!err || qmp_handle(qmp, NULL));
	}
	while ((event = qmp_event_take(qmp))) {
		assert(json_object_get(event, "event"));
		json_decref(event);
	}
	qmp_free(qmp);
	close(ends[1]);
	return 0;
}
