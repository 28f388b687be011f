// SPDX-License-Identifier: GPL-2.0-only
/* What the agent says of itself and of the machine. */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <ktstr/machine.h>
#include <ktstr/topology.h>

#include "base/kernel_parameter.h"
#include "guest/hello.h"
#include "sched/state.h"
#include "wire/message.h"

static int compare(const struct ktstr_machine *machine, const char *asked,
		   struct ktstr_error *error)
{
	struct ktstr_topology topology;
	int err = ktstr_topology_parse(asked, &topology, error);

	return err ? err : ktstr_machine_check_topology(machine, &topology, error);
}

static json_t *topology_json(const char *cmdline)
{
	char asked[KTSTR_TOPOLOGY_TEXT_MAX], seen[96] = "";
	bool was_asked = kernel_parameter(cmdline, PARAMETER_TOPOLOGY, asked, sizeof(asked));
	struct ktstr_machine *machine = NULL;
	struct ktstr_error error = { 0 };
	int err = ktstr_machine_from_system(&machine, &error);

	if (!err) {
		snprintf(seen, sizeof(seen), "%u NUMA nodes, %u LLCs, %u CPUs",
			 ktstr_machine_num_numa_nodes(machine), ktstr_machine_num_llcs(machine),
			 ktstr_machine_num_cpus(machine));
		/* Nothing asked: a guest that was not started by ktstr, for a look around. */
		err = was_asked ? compare(machine, asked, &error) : 0;
	}
	ktstr_machine_free(machine);
	return json_pack("{s:s?, s:s, s:s?}", "asked", was_asked ? asked : NULL, "seen", seen,
			 "error", err ? error.text : NULL);
}

static json_t *phases_json(const struct boot_phases *phases)
{
	json_t *list = json_array();

	for (size_t i = 0; i < phases->count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:I}", "name", phases->entries[i].name,
						"at_us", (json_int_t)phases->entries[i].at_us));
	return list;
}

json_t *hello_new(const char *cmdline, struct boot_phases *phases)
{
	json_t *topology = topology_json(cmdline);
	struct utsname name;

	uname(&name);
	boot_phase_mark(phases, "topology");
	return json_pack("{s:i, s:s, s:o, s:b, s:I, s:o}", "protocol", WIRE_PROTOCOL, "kernel",
			 name.release, "topology", topology, "sched_ext",
			 access(SCX_SYSFS "/state", F_OK) == 0, "uptime_us",
			 (json_int_t)uptime_us(), "phases", phases_json(phases));
}
