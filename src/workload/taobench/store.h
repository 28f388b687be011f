/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * The cache: shards by the low bits of the key, each with a lock of its own and a ring of values.
 * A new value takes the place of the shard's oldest one, memory and all, so nothing is allocated
 * once the store exists: what varies is the size of the places, not of a key's value.
 */
struct taobench_store;

/* Room for objects values; keys are below key_range. Holds the keys 0..objects-1 already. */
int taobench_store_new(uint64_t objects, uint64_t key_range, struct taobench_store **ret_store,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;
void taobench_store_free(struct taobench_store *store); /* NULL-safe */

/*
 * Read every byte of the value of key, under the lock of its shard; adds them to *sink, so that no
 * compiler can leave that out. False: the key has no value here.
 */
bool taobench_store_get(struct taobench_store *store, uint64_t key, uint64_t *sink);

/* Write a value for key. One that is there already is written anew in its place. */
void taobench_store_put(struct taobench_store *store, uint64_t key);

/* Values that are in the store, at most the sum of its shards' rings. */
uint64_t taobench_store_count(struct taobench_store *store);
