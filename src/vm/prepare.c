// SPDX-License-Identifier: GPL-2.0-only
/* The request to load a test binary. */
#include "vm/ask.h"
#include "vm/prepare.h"

int vm_prepare(struct vm *vm, const char *binary, const struct ktstr_topology *topology,
	       uint64_t limit_ms, const struct vm_listener *listener, struct ktstr_error *error)
{
	const struct vm_wait wait = vm_wait_begin(vm, "load test binary", limit_ms, listener);
	json_int_t id = vm_next_id(vm);
	char text[KTSTR_TOPOLOGY_TEXT_MAX];
	json_t *request = json_pack("{s:I, s:s, s:s, s:I}", "id", id, "binary", binary, "topology",
				    ktstr_topology_format(topology, text), "timeout_ms",
				    (json_int_t)limit_ms);

	return vm_ask(&wait, MESSAGE_PREPARE, id, request, NULL, error);
}
