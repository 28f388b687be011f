// SPDX-License-Identifier: GPL-2.0-only
/* Finding the machine's network interface by sysfs, which needs no socket and no privilege. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/nic.h"

#define ATTRIBUTE_LIMIT_BYTES 4096 /* a page: sysfs gives no more */

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

int nic_parse_mac(const char *text, uint8_t ret_mac[NIC_MAC_BYTES], struct ktstr_error *error)
{
	uint8_t mac[NIC_MAC_BYTES];
	const char *at = text;

	for (size_t i = 0; i < NIC_MAC_BYTES; i++) {
		int digits = 0, value = 0;

		for (; digits < 2 && hex_value(*at) >= 0; digits++)
			value = value * 16 + hex_value(*at++);
		if (!digits || *at != (i + 1 < NIC_MAC_BYTES ? ':' : '\0'))
			return ktstr_error_set(error, -EINVAL,
					       "'%.40s' is no MAC address: that is six hex octets, "
					       "as in 02:00:00:00:00:01",
					       text);
		at += *at == ':';
		mac[i] = (uint8_t)value;
	}
	memcpy(ret_mac, mac, sizeof(mac));
	return 0;
}

static int read_attribute(int dir, const char *name, char text[64], struct ktstr_error *error)
{
	auto_free char *content = NULL;
	int err = file_read(dir, name, ATTRIBUTE_LIMIT_BYTES, &content, NULL, error);

	if (err)
		return err;
	snprintf(text, 64, "%.*s", (int)strcspn(content, "\n"), content);
	return 0;
}

static int read_nic(const char *folder, const char *name, struct nic *ret_nic,
		    struct ktstr_error *error)
{
	char path[PATH_MAX], text[64];
	struct nic nic = { 0 };
	char *end;
	int err;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	auto_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return ktstr_error_set(error, -errno, "'%s': %s", path, strerror(errno));
	snprintf(nic.name, sizeof(nic.name), "%.*s", NIC_NAME_MAX - 1, name);
	err = read_attribute(dir, "ifindex", text, error);
	if (err)
		return ktstr_error_wrap(error, err, "'%s'", path);
	nic.index = (int)strtol(text, &end, 10);
	if (nic.index <= 0 || *end)
		return ktstr_error_set(error, -EBADMSG,
				       "'%s/ifindex' holds '%s', no number above 0", path, text);
	err = read_attribute(dir, "address", text, error);
	if (!err)
		err = nic_parse_mac(text, nic.mac, error);
	if (err)
		return ktstr_error_wrap(error, err, "'%s'", path);
	*ret_nic = nic;
	return 0;
}

static bool has_device(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/device", folder, name);
	return access(path, F_OK) == 0;
}

static int is_interface(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "lo") != 0;
}

int nic_find(const char *folder, struct nic *ret_nic, struct ktstr_error *error)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_interface, alphasort);
	int err = ktstr_error_set(error, -ENODEV,
				  "no network interface with a device in '%s': a test gets one by "
				  ".network = true",
				  folder);

	for (int i = 0; i < count; i++) {
		if (err == -ENODEV && has_device(folder, entries[i]->d_name))
			err = read_nic(folder, entries[i]->d_name, ret_nic, error);
		free(entries[i]);
	}
	free(entries);
	return err;
}
