/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/*
 * Where /etc/ld.so.cache (data; glibc's format 1.1, also behind the older one) says that the
 * library called name is: a path within data, or NULL. Entries for special hardware are passed
 * over. Safe on any bytes.
 */
const char *ldcache_find(const char *data, size_t size, const char *name);

#define LDCACHE_PATH "/etc/ld.so.cache"
