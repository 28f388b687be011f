// SPDX-License-Identifier: GPL-2.0-only
/* A sharded cache with FIFO eviction and fixed places. */
#include "workload/taobench/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "workload/taobench/plan.h"

#define EMPTY UINT32_MAX
#define SIZES_SEED 1 /* the same places in every run */

struct place {
	uint32_t row; /* of the key that is here; EMPTY: none */
	uint32_t bytes;
	uint8_t *value;
};

struct shard {
	_Alignas(64) pthread_mutex_t lock;
	struct place *places; /* a ring: next is the oldest */
	uint32_t *place_of;   /* by row, that is key / TAOBENCH_SHARDS; EMPTY: nowhere */
	uint32_t next;
};

struct taobench_store {
	struct shard shards[TAOBENCH_SHARDS];
	uint32_t places; /* in each shard */
	uint32_t rows;
	struct place *all_places;
	uint32_t *all_rows;
	uint8_t *values;
	size_t value_bytes;
	unsigned locks; /* initialised so far */
};

static struct shard *shard_of(struct taobench_store *store, uint64_t key)
{
	return &store->shards[key % TAOBENCH_SHARDS];
}

/* Draw the sizes twice: for their sum, then for the places. */
static size_t sum_value_bytes(size_t places)
{
	struct prng prng = prng_seeded(SIZES_SEED);
	size_t sum = 0;

	for (size_t i = 0; i < places; i++)
		sum += taobench_value_bytes(&prng);
	return sum;
}

static void lay_out(struct taobench_store *store)
{
	struct prng prng = prng_seeded(SIZES_SEED);
	size_t places = (size_t)store->places * TAOBENCH_SHARDS;
	uint8_t *value = store->values;

	for (size_t i = 0; i < places; i++) {
		store->all_places[i] = (struct place){ .row = EMPTY,
						       .bytes = taobench_value_bytes(&prng),
						       .value = value };
		value += store->all_places[i].bytes;
	}
	memset(store->all_rows, 0xff,
	       (size_t)store->rows * TAOBENCH_SHARDS * sizeof(*store->all_rows));
	for (size_t i = 0; i < TAOBENCH_SHARDS; i++) {
		store->shards[i].places = store->all_places + i * store->places;
		store->shards[i].place_of = store->all_rows + i * store->rows;
	}
}

static int allocate(struct taobench_store *store, struct ktstr_error *error)
{
	size_t places = (size_t)store->places * TAOBENCH_SHARDS;
	void *values;

	store->value_bytes = sum_value_bytes(places);
	store->all_places = calloc(places, sizeof(*store->all_places));
	store->all_rows = calloc((size_t)store->rows * TAOBENCH_SHARDS, sizeof(*store->all_rows));
	values = mmap(NULL, store->value_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	store->values = values == MAP_FAILED ? NULL : values;
	if (!store->all_places || !store->all_rows || !store->values)
		return ktstr_error_set(error, -ENOMEM,
				       "taobench: no memory for %zu values, %zu bytes", places,
				       store->value_bytes);
	for (; store->locks < TAOBENCH_SHARDS; store->locks++) {
		int err = pthread_mutex_init(&store->shards[store->locks].lock, NULL);

		if (err)
			return ktstr_error_set(error, -err, "taobench: make a lock: %s",
					       strerror(err));
	}
	return 0;
}

int taobench_store_new(uint64_t objects, uint64_t key_range, struct taobench_store **ret_store,
		       struct ktstr_error *error)
{
	struct taobench_store *store;
	int err;

	if (key_range / TAOBENCH_SHARDS >= EMPTY)
		return ktstr_error_set(error, -EINVAL, "taobench: %llu keys are too many",
				       (unsigned long long)key_range);
	store = aligned_alloc(_Alignof(struct taobench_store), sizeof(*store));
	if (!store)
		return ktstr_error_set(error, -ENOMEM, "taobench: no memory for the store");
	memset(store, 0, sizeof(*store));
	store->places = (uint32_t)(objects / TAOBENCH_SHARDS);
	if (!store->places)
		store->places = 1;
	store->rows = (uint32_t)(key_range / TAOBENCH_SHARDS) + 1;
	err = allocate(store, error);
	if (err) {
		taobench_store_free(store);
		return err;
	}
	lay_out(store);
	for (uint64_t key = 0; key < objects && key < key_range; key++)
		taobench_store_put(store, key);
	*ret_store = store;
	return 0;
}

void taobench_store_free(struct taobench_store *store)
{
	if (!store)
		return;
	for (unsigned i = 0; i < store->locks; i++)
		pthread_mutex_destroy(&store->shards[i].lock);
	if (store->values)
		munmap(store->values, store->value_bytes);
	free(store->all_rows);
	free(store->all_places);
	free(store);
}

static uint64_t sum_bytes(const uint8_t *value, uint32_t bytes)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < bytes; i++)
		sum += value[i];
	return sum;
}

bool taobench_store_get(struct taobench_store *store, uint64_t key, uint64_t *sink)
{
	struct shard *shard = shard_of(store, key);
	uint32_t place;

	pthread_mutex_lock(&shard->lock);
	place = shard->place_of[key / TAOBENCH_SHARDS];
	/* Under the lock: the next insertion may take this place. */
	if (place != EMPTY)
		*sink += sum_bytes(shard->places[place].value, shard->places[place].bytes);
	pthread_mutex_unlock(&shard->lock);
	return place != EMPTY;
}

/* The shard's oldest place, with nobody in it. */
static uint32_t evict(struct taobench_store *store, struct shard *shard)
{
	uint32_t place = shard->next;

	if (shard->places[place].row != EMPTY)
		shard->place_of[shard->places[place].row] = EMPTY;
	shard->next = (place + 1) % store->places;
	return place;
}

void taobench_store_put(struct taobench_store *store, uint64_t key)
{
	struct shard *shard = shard_of(store, key);
	uint32_t row = (uint32_t)(key / TAOBENCH_SHARDS), place;

	pthread_mutex_lock(&shard->lock);
	place = shard->place_of[row];
	if (place == EMPTY) {
		place = evict(store, shard);
		shard->places[place].row = row;
		shard->place_of[row] = place;
	}
	memset(shard->places[place].value, (int)(key & 0xff), shard->places[place].bytes);
	pthread_mutex_unlock(&shard->lock);
}

uint64_t taobench_store_count(struct taobench_store *store)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < TAOBENCH_SHARDS; i++) {
		struct shard *shard = &store->shards[i];

		pthread_mutex_lock(&shard->lock);
		for (uint32_t place = 0; place < store->places; place++)
			count += shard->places[place].row != EMPTY;
		pthread_mutex_unlock(&shard->lock);
	}
	return count;
}
