// SPDX-License-Identifier: GPL-2.0-only
/* Does a machine look as asked? And its description in words. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cpulist.h"
#include "topology/machine.h"

/* Room for the differing set; a longer list is cut where it no longer helps. */
#define LIST_SHOWN 64

struct text {
	char *buffer;
	size_t size, used;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->buffer + text->used, text->size - text->used, format, args);
	va_end(args);
	text->used += length < 0 ? 0 : (size_t)length;
	if (text->used >= text->size) {
		text->used = text->size - 1;
		memcpy(text->buffer + text->size - sizeof("..."), "...", sizeof("..."));
	}
}

static void add_count(struct text *text, unsigned count, const char *thing)
{
	add(text, "%u %s%s", count, thing, count == 1 ? "" : "s");
}

static void add_set(struct text *text, const cpu_set_t *cpus)
{
	char list[CPULIST_TEXT_MAX];

	add(text, " {%s}", cpulist_format(cpus, list));
}

/* CPUs on the same node, LLC or core as cpu. */
typedef unsigned (*place_fn)(const struct machine_place *place);

static unsigned place_node(const struct machine_place *place)
{
	return place->node;
}

static unsigned place_llc(const struct machine_place *place)
{
	return place->llc;
}

static unsigned place_core(const struct machine_place *place)
{
	return place->core;
}

static void mates_of(const struct ktstr_machine *machine, unsigned cpu, place_fn place,
		     cpu_set_t *ret_cpus)
{
	const struct machine_layout *layout = &machine->layout;

	CPU_ZERO(ret_cpus);
	for (unsigned other = 0; other < CPU_SETSIZE; other++)
		if (CPU_ISSET(other, &layout->cpus) &&
		    place(&layout->places[other]) == place(&layout->places[cpu]))
			CPU_SET(other, ret_cpus);
}

const char *ktstr_machine_format(const struct ktstr_machine *machine,
				 char buffer[KTSTR_MACHINE_TEXT_MAX])
{
	struct text text = { buffer, KTSTR_MACHINE_TEXT_MAX, 0 };

	add_count(&text, ktstr_machine_num_cpus(machine), "CPU");
	add(&text, ", ");
	add_count(&text, ktstr_machine_num_cores(machine), "core");
	add(&text, ", ");
	add_count(&text, machine->num_nodes, "NUMA node");
	for (unsigned node = 0; node < CPU_SETSIZE; node++) {
		cpu_set_t cpus;

		if (!CPU_ISSET(node, &machine->layout.nodes))
			continue;
		CPU_ZERO(&cpus);
		for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &machine->layout.cpus) &&
			    machine->layout.places[cpu].node == node)
				CPU_SET(cpu, &cpus);
		add_set(&text, &cpus);
	}
	add(&text, ", ");
	add_count(&text, machine->num_llcs, "LLC");
	for (unsigned i = 0; i < machine->num_llcs; i++)
		add_set(&text, &machine->llcs[i].cpus);
	return buffer;
}

/* Say how cpu's place differs, if it does. */
static bool place_differs(const struct ktstr_machine *seen, const struct ktstr_machine *asked,
			  unsigned cpu, struct text *text)
{
	static const struct {
		const char *name;
		place_fn place;
	} levels[] = { { "NUMA node", place_node }, { "LLC", place_llc }, { "core", place_core } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		char seen_list[CPULIST_TEXT_MAX], asked_list[CPULIST_TEXT_MAX];
		cpu_set_t seen_cpus, asked_cpus;

		if (levels[i].place(&seen->layout.places[cpu]) ==
		    levels[i].place(&asked->layout.places[cpu]))
			continue;
		mates_of(seen, cpu, levels[i].place, &seen_cpus);
		mates_of(asked, cpu, levels[i].place, &asked_cpus);
		add(text, "cpu %u shares its %s with {%.*s} instead of {%.*s}", cpu, levels[i].name,
		    LIST_SHOWN, cpulist_format(&seen_cpus, seen_list), LIST_SHOWN,
		    cpulist_format(&asked_cpus, asked_list));
		return true;
	}
	return false;
}

static bool numbers_differ(const char *things, const cpu_set_t *seen, const cpu_set_t *asked,
			   struct text *text)
{
	char seen_list[CPULIST_TEXT_MAX], asked_list[CPULIST_TEXT_MAX];

	if (CPU_EQUAL(seen, asked))
		return false;
	add(text, "%s {%.*s} instead of {%.*s}", things, LIST_SHOWN,
	    cpulist_format(seen, seen_list), LIST_SHOWN, cpulist_format(asked, asked_list));
	return true;
}

static bool differs(const struct ktstr_machine *seen, const struct ktstr_machine *asked,
		    struct text *text)
{
	/* A node without CPUs shows in no CPU's place. */
	if (numbers_differ("cpus", &seen->layout.cpus, &asked->layout.cpus, text) ||
	    numbers_differ("NUMA nodes", &seen->layout.nodes, &asked->layout.nodes, text))
		return true;
	/* Equal places of all CPUs make equal numbers of LLCs and cores. */
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &seen->layout.cpus) && place_differs(seen, asked, cpu, text))
			return true;
	return false;
}

static void auto_machine_fn(struct ktstr_machine **machine)
{
	ktstr_machine_free(*machine);
}

int ktstr_machine_check_topology(const struct ktstr_machine *machine,
				 const struct ktstr_topology *asked, struct ktstr_error *error)
{
	__attribute__((cleanup(auto_machine_fn))) struct ktstr_machine *expected = NULL;
	char seen_text[KTSTR_MACHINE_TEXT_MAX], asked_text[KTSTR_MACHINE_TEXT_MAX];
	char notation[KTSTR_TOPOLOGY_TEXT_MAX], why_text[256] = "";
	struct text why = { why_text, sizeof(why_text), 0 };
	int err = ktstr_machine_from_topology(asked, &expected, error);

	if (err)
		return err;
	if (!differs(machine, expected, &why))
		return 0;
	return ktstr_error_set(error, -EXDEV,
			       "topology %s was asked for (%s), the machine shows %s: %s",
			       ktstr_topology_format(asked, notation),
			       ktstr_machine_format(expected, asked_text),
			       ktstr_machine_format(machine, seen_text), why_text);
}
