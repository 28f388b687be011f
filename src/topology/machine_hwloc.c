// SPDX-License-Identifier: GPL-2.0-only
/*
 * Discovery of the running machine. hwloc knows the odd ones (offline CPUs, caches without ids,
 * hybrid cores); what a guest under TCG would pay for and nobody asks is switched off.
 */
#include <errno.h>
#include <string.h>

#include "topology/machine.h"
#include "topology/machine_memory.h"

#define LIST_SHOWN 128 /* of a list of cpus in a message */

static void auto_topology_fn(hwloc_topology_t *topology)
{
	if (*topology)
		hwloc_topology_destroy(*topology);
}
#define auto_topology __attribute__((cleanup(auto_topology_fn)))

static void auto_bitmap_fn(hwloc_bitmap_t *bitmap)
{
	hwloc_bitmap_free(*bitmap);
}
#define auto_bitmap __attribute__((cleanup(auto_bitmap_fn)))

/* The lowest CPU of object that belongs to the machine; cpu belongs to both. */
static unsigned lowest_cpu(const struct hwloc_obj *object, const cpu_set_t *cpus, unsigned cpu)
{
	int other;

	for (other = hwloc_bitmap_first(object->cpuset); other >= 0 && other < (int)cpu;
	     other = hwloc_bitmap_next(object->cpuset, other))
		if (CPU_ISSET(other, cpus))
			return (unsigned)other;
	return cpu;
}

/* Caches grow on the way up from a CPU, so the last one met is of the largest level. */
static const struct hwloc_obj *last_level_cache(const struct hwloc_obj *pu)
{
	const struct hwloc_obj *cache = NULL;

	for (const struct hwloc_obj *at = pu; at; at = at->parent)
		if (hwloc_obj_type_is_dcache(at->type))
			cache = at;
	return cache;
}

/*
 * The node a CPU is on. hwloc also ties memory-only nodes to the CPUs near them: the smallest
 * set of CPUs wins, then the lowest number, since the kernel numbers nodes with CPUs first.
 */
static unsigned node_of(hwloc_topology_t topology, unsigned cpu)
{
	hwloc_obj_t node = NULL, best = NULL;

	while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node))) {
		int weight = hwloc_bitmap_weight(node->cpuset);

		if (!hwloc_bitmap_isset(node->cpuset, cpu))
			continue;
		if (!best || weight < hwloc_bitmap_weight(best->cpuset) ||
		    (weight == hwloc_bitmap_weight(best->cpuset) &&
		     node->os_index < best->os_index))
			best = node;
	}
	return best && best->os_index < CPU_SETSIZE ? best->os_index : 0;
}

/* CPUs without any cache information are taken to share one. */
static void place_cpus(hwloc_topology_t topology, struct machine_layout *layout)
{
	int first_without_cache = -1;

	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		struct machine_place *place = &layout->places[cpu];
		const struct hwloc_obj *cache, *core;
		hwloc_obj_t pu;

		if (!CPU_ISSET(cpu, &layout->cpus))
			continue;
		pu = hwloc_get_pu_obj_by_os_index(topology, cpu);
		cache = last_level_cache(pu);
		core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
		place->node = node_of(topology, cpu);
		place->core = core ? lowest_cpu(core, &layout->cpus, cpu) : cpu;
		if (!cache && first_without_cache < 0)
			first_without_cache = (int)cpu;
		place->llc = cache ? lowest_cpu(cache, &layout->cpus, cpu)
				   : (unsigned)first_without_cache;
		place->cache_bytes = cache ? cache->attr->cache.size : 0;
	}
}

/* Asks all CPUs of the machine, so that one out of reach does not make its node memory-only. */
static void find_memory_only(hwloc_topology_t topology, struct machine_layout *layout)
{
	hwloc_obj_t pu = NULL;

	layout->memory_only = layout->nodes;
	while ((pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)))
		CPU_CLR(node_of(topology, pu->os_index), &layout->memory_only);
}

/* A matrix that is missing or incomplete leaves the defaults, as the kernel's own fallback. */
static void read_distances(hwloc_topology_t topology, struct ktstr_machine *machine)
{
	struct hwloc_distances_s *distances = NULL;
	unsigned count = 1;

	if (hwloc_distances_get_by_type(
		    topology, HWLOC_OBJ_NUMANODE, &count, &distances,
		    HWLOC_DISTANCES_KIND_FROM_OS | HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) ||
	    !count || !distances)
		return;
	if (distances->nbobjs == machine->num_nodes)
		for (unsigned i = 0; i < distances->nbobjs; i++)
			for (unsigned j = 0; j < distances->nbobjs; j++)
				machine_set_distance(
					machine, distances->objs[i]->os_index,
					distances->objs[j]->os_index,
					(unsigned)distances->values[i * distances->nbobjs + j]);
	hwloc_distances_release(topology, distances);
}

static int refuse_no_cpus(hwloc_topology_t topology, hwloc_const_cpuset_t allowed,
			  struct ktstr_error *error)
{
	char online[LIST_SHOWN], may[LIST_SHOWN] = "all";

	hwloc_bitmap_list_snprintf(online, sizeof(online),
				   hwloc_topology_get_topology_cpuset(topology));
	if (allowed)
		hwloc_bitmap_list_snprintf(may, sizeof(may), allowed);
	return ktstr_error_set(error, -ENODEV,
			       "no cpu is online that this process may run on: online are {%s}, "
			       "its affinity is {%s}",
			       online, may);
}

int machine_from_hwloc(hwloc_topology_t topology, hwloc_const_cpuset_t allowed,
		       struct ktstr_machine **ret_machine, struct ktstr_error *error)
{
	struct machine_layout layout = { 0 };
	struct ktstr_machine *machine;
	hwloc_obj_t object = NULL;
	int err;

	/* CPUs and nodes past the size of cpu_set_t cannot be named by any cpuset of ours. */
	while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, object)))
		if (object->os_index < CPU_SETSIZE &&
		    (!allowed || hwloc_bitmap_isset(allowed, object->os_index)))
			CPU_SET(object->os_index, &layout.cpus);
	if (!CPU_COUNT(&layout.cpus))
		return refuse_no_cpus(topology, allowed, error);
	while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, object)))
		if (object->os_index < CPU_SETSIZE)
			CPU_SET(object->os_index, &layout.nodes);
	if (!CPU_COUNT(&layout.nodes))
		CPU_SET(0, &layout.nodes);
	place_cpus(topology, &layout);
	find_memory_only(topology, &layout);
	err = machine_new(&layout, &machine, error);
	if (err)
		return err;
	read_distances(topology, machine);
	*ret_machine = machine;
	return 0;
}

/*
 * Groups stay: hwloc ties a node to the object that has the node's CPUs, and without packages
 * only a group has; it would spread the node over the whole machine otherwise.
 */
int machine_filter_hwloc(hwloc_topology_t topology)
{
	if (hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS |
						       HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS) ||
	    hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE) ||
	    hwloc_topology_set_type_filter(topology, HWLOC_OBJ_GROUP,
					   HWLOC_TYPE_FILTER_KEEP_STRUCTURE) ||
	    hwloc_topology_set_type_filter(topology, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL) ||
	    hwloc_topology_set_cache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL) ||
	    hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE))
		return -errno;
	return 0;
}

/* From sysfs alone. */
static void drop_components(hwloc_topology_t topology)
{
	/* The x86 backend binds to every CPU in turn to ask cpuid; sysfs has said it all. */
	static const char *const unwanted[] = {
		"x86",	"pci",	     "opencl", "cuda", "nvml",
		"rsmi", "levelzero", "gl",     "xml",  "synthetic"
	};

	/* A component that this hwloc does not have cannot be in the way either. */
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		hwloc_topology_set_components(topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST,
					      unwanted[i]);
}

int ktstr_machine_from_system(struct ktstr_machine **ret_machine, struct ktstr_error *error)
{
	auto_topology hwloc_topology_t topology = NULL;
	auto_bitmap hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
	int err;

	if (!allowed || hwloc_topology_init(&topology))
		return ktstr_error_set(error, -ENOMEM, "no memory for hwloc");
	drop_components(topology);
	err = machine_filter_hwloc(topology);
	if (!err && hwloc_topology_load(topology))
		err = errno ? -errno : -EIO;
	if (err)
		return ktstr_error_set(error, err, "hwloc cannot read this machine's topology: %s",
				       strerror(-err));
	if (!hwloc_topology_is_thissystem(topology))
		return ktstr_error_set(error, -ENODEV,
				       "hwloc describes another machine; unset HWLOC_XMLFILE, "
				       "HWLOC_SYNTHETIC and HWLOC_FSROOT");
	/* Where the binding cannot be read every online CPU counts. */
	if (hwloc_get_cpubind(topology, allowed, HWLOC_CPUBIND_THREAD))
		hwloc_bitmap_fill(allowed);
	err = machine_from_hwloc(topology, allowed, ret_machine, error);
	if (!err)
		machine_read_memory(*ret_machine, MACHINE_NODES);
	return err;
}
