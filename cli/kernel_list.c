// SPDX-License-Identifier: GPL-2.0-only
/* Printing what is in the kernel store. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "cli/kernel_list.h"

static const char *source_of(const struct kernel_entry *entry)
{
	return entry->suite ?: entry->path ?: "unknown";
}

static const char *version_of(const struct kernel_entry *entry)
{
	return entry->package_version ?: "-";
}

/* Column widths, from headings and contents. */
struct widths {
	int ref, version, source;
};

static void widen(int *width, const char *text)
{
	int length = (int)strlen(text);

	if (length > *width)
		*width = length;
}

static struct widths measure(const struct kernel_list *list)
{
	struct widths widths = { (int)strlen("REF"), (int)strlen("PACKAGE"),
				 (int)strlen("SOURCE") };

	for (size_t i = 0; i < list->count; i++) {
		widen(&widths.ref, list->items[i].ref);
		if (!list->items[i].entry)
			continue;
		widen(&widths.version, version_of(list->items[i].entry));
		widen(&widths.source, source_of(list->items[i].entry));
	}
	return widths;
}

void kernel_list_print_table(const struct kernel_list *list, FILE *out)
{
	struct widths widths = measure(list);

	if (!list->count) {
		fprintf(out, "no kernel in the store: run 'ktstr kernel fetch'\n");
		return;
	}
	fprintf(out, "  %-*s  %-*s  %-*s  %-10s  %s\n", widths.ref, "REF", widths.version,
		"PACKAGE", widths.source, "SOURCE", "ADDED", "SCHED_EXT");
	for (size_t i = 0; i < list->count; i++) {
		const struct kernel_listing *item = &list->items[i];
		const struct kernel_entry *entry = item->entry;

		fprintf(out, "%c %-*s  ", i == list->default_index ? '*' : ' ', widths.ref,
			item->ref);
		if (!entry)
			fprintf(out, "damaged: %s; 'ktstr kernel rm %s' removes it\n",
				item->damage.text, item->ref);
		else
			fprintf(out, "%-*s  %-*s  %.10s  %s%s\n", widths.version, version_of(entry),
				widths.source, source_of(entry), entry->created,
				entry->sched_ext.usable ? "yes" : "no: ", entry->sched_ext.reason);
	}
	if (list->default_index < list->count)
		fprintf(out, "* is the default; --kernel REF or KTSTR_KERNEL choose another\n");
}

static json_t *describe(const struct kernel_listing *item, bool is_default)
{
	const struct kernel_entry *entry = item->entry;
	json_t *modules;

	if (!entry)
		return json_pack("{s:s, s:b, s:s}", "ref", item->ref, "default", false, "damaged",
				 item->damage.text);
	modules = json_array();
	for (size_t i = 0; i < entry->modules.count; i++)
		json_array_append_new(modules, json_string(entry->modules.names[i]));
	return json_pack(
		"{s:s, s:b, s:s, s:s, s:{s:s*, s:s*, s:s*, s:s*}, s:s, s:s, s:s, s:s*, s:s*,"
		" s:{s:b, s:b, s:s}, s:o}",
		"ref", entry->ref, "default", is_default, "release", entry->release, "created",
		entry->created, "source", "suite", entry->suite, "package", entry->package,
		"package_version", entry->package_version, "path", entry->path, "build_id",
		entry->build_id, "dir", entry->dir, "boot", entry->boot, "vmlinuz", entry->vmlinuz,
		"vmlinux", entry->vmlinux, "sched_ext", "compiled_in", entry->sched_ext.compiled_in,
		"usable", entry->sched_ext.usable, "reason", entry->sched_ext.reason, "modules",
		modules);
}

int kernel_list_print_json(const struct kernel_list *list, FILE *out)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < list->count; i++) {
		json_t *object = describe(&list->items[i], i == list->default_index);

		if (json_array_append_new(array, object))
			err = -ENOMEM;
	}
	if (!err && json_dumpf(array, out, JSON_INDENT(2)))
		err = -ENOMEM;
	if (!err)
		fputc('\n', out);
	json_decref(array);
	return err;
}
