/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

#define MODULE_NAME_MAX 56 /* the kernel's MODULE_NAME_LEN on 64 bit, with its zero byte */

/*
 * The modules that a module (an unpacked .ko, what is named in errors) needs, as its .modinfo
 * says: "net_failover,failover", "" for none. Borrowed from data.
 */
int modinfo_depends(const char *what, const char *data, size_t size, const char **ret_depends,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* "kernel/drivers/net/virtio-net.ko.xz" -> "virtio_net". -EINVAL when that is no module's name. */
int module_name_from_path(const char *path, char name[MODULE_NAME_MAX]) KTSTR_MUST_CHECK;
