// SPDX-License-Identifier: GPL-2.0-only
/* Printing what templates there are. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/size.h"
#include "cli/template_list.h"

#define TIME_MAX 24

static const char *format_used(const struct template_listing *item, char text[TIME_MAX])
{
	struct tm utc;

	if (!gmtime_r(&item->used.tv_sec, &utc) ||
	    strftime(text, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		text[0] = '\0';
	return text;
}

static int widest_kernel(const struct template_list *list)
{
	int widest = (int)strlen("KERNEL");

	for (size_t i = 0; i < list->count; i++) {
		int length = (int)strlen(list->items[i].about.kernel);

		widest = length > widest ? length : widest;
	}
	return widest;
}

static void print_item(const struct template_listing *item, int kernel_width, FILE *out)
{
	const struct template_about *about = &item->about;
	char size[SIZE_TEXT_MAX], used[TIME_MAX];

	fprintf(out, "%-16s  ", item->name);
	/* What damaged meta.json says is not to be relied on. */
	if (item->damage.code && item->damage.code != -ESTALE)
		fprintf(out, "damaged: %s\n", item->damage.text);
	else
		fprintf(out, "%-10s  %6u MiB  %-*s  %-6s  %-5s  %10s  %-20s  %s%s\n",
			about->topology, about->memory_mib, kernel_width, about->kernel,
			about->qemu, about->accel, size_format(item->bytes, size),
			format_used(item, used), about->binary[0] ? about->binary : "-",
			item->damage.code ? "  (of no use: this machine was started since)"
			: item->in_use	  ? "  (in use)"
					  : "");
}

void template_list_print_table(const struct template_list *list, uint64_t budget_bytes, FILE *out)
{
	char sum_text[SIZE_TEXT_MAX], budget_text[SIZE_TEXT_MAX];
	int width = widest_kernel(list);
	uint64_t sum = 0;

	if (!list->count) {
		fprintf(out, "no templates: the next test makes one, or 'ktstr template warm'\n");
		return;
	}
	fprintf(out, "%-16s  %-10s  %10s  %-*s  %-6s  %-5s  %10s  %-20s  %s\n", "NAME", "TOPOLOGY",
		"MEMORY", width, "KERNEL", "QEMU", "ACCEL", "ON DISK", "LAST USED", "WAITING");
	for (size_t i = 0; i < list->count; i++) {
		print_item(&list->items[i], width, out);
		sum += list->items[i].bytes;
	}
	fprintf(out, "%s of %s\n", size_format(sum, sum_text),
		size_format(budget_bytes, budget_text));
}

static json_t *describe(const struct template_listing *item)
{
	const struct template_about *about = &item->about;
	char used[TIME_MAX];

	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:s*, s:s*}", "name",
			 item->name, "topology", about->topology, "memory_mib",
			 (int)about->memory_mib, "kernel", about->kernel, "qemu", about->qemu,
			 "accel", about->accel, "created", about->created, "used",
			 format_used(item, used), "bytes", (json_int_t)item->bytes, "in_use",
			 item->in_use, "damaged", item->damage.code ? item->damage.text : NULL,
			 "waiting", about->binary[0] ? about->binary : NULL);
}

int template_list_print_json(const struct template_list *list, FILE *out)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < list->count; i++)
		if (json_array_append_new(array, describe(&list->items[i])))
			err = -ENOMEM;
	if (!err && json_dumpf(array, out, JSON_INDENT(2)))
		err = -ENOMEM;
	if (!err)
		fputc('\n', out);
	json_decref(array);
	return err;
}
