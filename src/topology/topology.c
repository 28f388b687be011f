// SPDX-License-Identifier: GPL-2.0-only
/*
 * The NnNlNcNt notation: defaults, checking, reading and writing it. What a machine of such a
 * topology looks like is machine.c's business.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/topology.h>

#include "base/text.h"

/* Larger numbers are typing errors; also keeps the arithmetic below far from overflow. */
#define NUMBER_MAX 1000000u

/* xAPIC ids have 8 bits and 255 is the broadcast. */
#define APIC_ID_MAX 254u

static const struct field {
	char letter;
	const char *name;
	size_t offset;
	unsigned fallback;
} fields[] = {
	{ 'n', "NUMA nodes", offsetof(struct ktstr_topology, numa_nodes), 1 },
	{ 'l', "LLCs", offsetof(struct ktstr_topology, llcs), 1 },
	{ 'c', "cores per LLC", offsetof(struct ktstr_topology, cores), 2 },
	{ 't', "threads per core", offsetof(struct ktstr_topology, threads), 1 },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static unsigned *value_of(struct ktstr_topology *topology, const struct field *field)
{
	return (unsigned *)((char *)topology + field->offset);
}

static unsigned get(const struct ktstr_topology *topology, const struct field *field)
{
	return *(const unsigned *)((const char *)topology + field->offset);
}

void ktstr_topology_resolve(struct ktstr_topology *topology, const struct ktstr_topology *fallback)
{
	for (size_t i = 0; i < FIELDS; i++) {
		unsigned *value = value_of(topology, &fields[i]);

		if (!*value && fallback)
			*value = get(fallback, &fields[i]);
		if (!*value)
			*value = fields[i].fallback;
	}
}

unsigned ktstr_topology_num_cpus(const struct ktstr_topology *topology)
{
	unsigned cpus;

	if (__builtin_mul_overflow(topology->llcs, topology->cores, &cpus) ||
	    __builtin_mul_overflow(cpus, topology->threads, &cpus))
		return UINT32_MAX;
	return cpus;
}

static unsigned bits_for(unsigned count)
{
	unsigned bits = 0;

	while ((1u << bits) < count)
		bits++;
	return bits;
}

/*
 * The highest APIC id of the VM. Every level takes whole bits of the id, so counts that are no
 * powers of two leave holes: 5 sockets of 33 cores are 165 CPUs with ids up to 288.
 */
static unsigned highest_apic_id(const struct ktstr_topology *topology)
{
	unsigned thread_bits = bits_for(topology->threads);
	unsigned core_bits = bits_for(topology->cores);

	return (topology->llcs - 1) << (core_bits + thread_bits) |
	       (topology->cores - 1) << thread_bits | (topology->threads - 1);
}

int ktstr_topology_check(const struct ktstr_topology *topology, struct ktstr_error *error)
{
	char text[KTSTR_TOPOLOGY_TEXT_MAX];

	ktstr_topology_format(topology, text);
	for (size_t i = 0; i < FIELDS; i++)
		if (!get(topology, &fields[i]))
			return ktstr_error_set(error, -EINVAL,
					       "topology %s: 0 %s, must be at least 1", text,
					       fields[i].name);
	if (topology->llcs % topology->numa_nodes)
		return ktstr_error_set(
			error, -EINVAL,
			"topology %s: %u LLCs cannot be shared out evenly to %u NUMA "
			"nodes; use a multiple of %u",
			text, topology->llcs, topology->numa_nodes, topology->numa_nodes);
	if (ktstr_topology_num_cpus(topology) > KTSTR_TOPOLOGY_MAX_CPUS)
		return ktstr_error_set(error, -ERANGE,
				       "topology %s: %llu CPUs, the VM holds at most %d", text,
				       (unsigned long long)ktstr_topology_num_cpus(topology),
				       KTSTR_TOPOLOGY_MAX_CPUS);
	if (highest_apic_id(topology) > APIC_ID_MAX)
		return ktstr_error_set(
			error, -ERANGE,
			"topology %s: its %u CPUs would be numbered up to APIC id %u, "
			"the VM goes up to %u; make cores and threads powers of two",
			text, ktstr_topology_num_cpus(topology), highest_apic_id(topology),
			APIC_ID_MAX);
	return 0;
}

int ktstr_topology_parse(const char *text, struct ktstr_topology *ret_topology,
			 struct ktstr_error *error)
{
	struct ktstr_topology topology = { 0 };
	const char *at = text;
	bool commas = strchr(text, ',');
	int err;

	for (size_t i = 0; i < FIELDS; i++) {
		unsigned *value = value_of(&topology, &fields[i]);
		bool last = i + 1 == FIELDS;

		if (!text_take_number(&at, NUMBER_MAX, value))
			return ktstr_error_set(
				error, -EINVAL,
				"topology '%.64s': number of %s expected at '%.16s'; "
				"write it like 1n2l4c2t or 1,2,4,2",
				text, fields[i].name, at);
		if (*value > NUMBER_MAX)
			return ktstr_error_set(
				error, -ERANGE,
				"topology '%.64s': too many %s, the VM holds at most %d "
				"CPUs",
				text, fields[i].name, KTSTR_TOPOLOGY_MAX_CPUS);
		if (commas && last)
			break;
		if (*at != (commas ? ',' : fields[i].letter))
			return ktstr_error_set(
				error, -EINVAL,
				"topology '%.64s': '%c' expected after %s at '%.16s'; "
				"write it like 1n2l4c2t or 1,2,4,2",
				text, commas ? ',' : fields[i].letter, fields[i].name, at);
		at++;
	}
	if (*at)
		return ktstr_error_set(error, -EINVAL,
				       "topology '%.64s': nothing may follow at '%.16s'", text, at);
	err = ktstr_topology_check(&topology, error);
	if (err)
		return err;
	*ret_topology = topology;
	return 0;
}

const char *ktstr_topology_format(const struct ktstr_topology *topology,
				  char buffer[KTSTR_TOPOLOGY_TEXT_MAX])
{
	snprintf(buffer, KTSTR_TOPOLOGY_TEXT_MAX, "%un%ul%uc%ut", topology->numa_nodes,
		 topology->llcs, topology->cores, topology->threads);
	return buffer;
}
