/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdatomic.h>
#include <time.h>

#include "vm/template.h"

/*
 * Where templates are kept: $KTSTR_TEMPLATE_DIR, or templates/ in ktstr's cache. They count by the
 * blocks they occupy; beyond $KTSTR_TEMPLATE_BUDGET those that were not used for longest go, hot
 * ones first, but none that is in use. A budget of 0 keeps none: then there is no store.
 */
struct template_store {
	int root;
	char *path;
	uint64_t budget_bytes;
	uint64_t hot_tests; /* how many tests that are alike have a hot one made; 0: none */
	atomic_bool given_up;
};

#define TEMPLATE_DIR_ENV "KTSTR_TEMPLATE_DIR"
#define TEMPLATE_BUDGET_ENV "KTSTR_TEMPLATE_BUDGET"
#define TEMPLATE_HOT_ENV "KTSTR_HOT_TESTS"
/*
 * To make one takes as long as it saves two tests, see docs/benchmarks.md.
 */
#define TEMPLATE_HOT_DEFAULT 3
/* Some 40 templates of 2-CPU guests; each takes 100 to 200 MiB. */
#define TEMPLATE_BUDGET_DEFAULT (UINT64_C(4) << 30)

/* -EINVAL for a budget that is no size, or for a number of tests that is none. */
int template_store_open(struct template_store *ret_store,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
void template_store_close(struct template_store *store);
#define auto_template_store __attribute__((cleanup(template_store_close)))

/*
 * Templates do not work here, at least not in this process: no more attempts. name is that of one
 * that is removed, so that the next process starts afresh; NULL: none. From any thread; true for
 * the first that does.
 */
bool template_store_give_up(struct template_store *store, const char *name);
bool template_store_given_up(const struct template_store *store);

struct template_listing {
	char name[TEMPLATE_NAME_DIGITS + 1];
	struct template_about about;
	struct ktstr_error damage; /* code 0: it is fine; -ESTALE: only old */
	uint64_t bytes;		   /* on disk */
	struct timespec used;	   /* last */
	bool in_use;
};

struct template_list {
	struct template_listing *items; /* the latest use first */
	size_t count;
};

int template_store_list(const struct template_store *store, struct template_list *ret_list,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
void template_list_release(struct template_list *list);
#define auto_template_list __attribute__((cleanup(template_list_release)))

/*
 * Remove one; VMs that were restored from it run on. name may be its beginning, as far as no other
 * shares it; *ret_name (may be NULL) is all of it. -ENOENT.
 */
int template_store_remove(const struct template_store *store, const char *name,
			  char ret_name[TEMPLATE_NAME_DIGITS + 1],
			  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What was removed, for those who want to say so. */
struct template_pruned {
	unsigned count;
	uint64_t bytes;
};

/*
 * Remove what is of no use any more (damaged, of an earlier boot, or an earlier build in the slot
 * of spared) and then the least recently used until the rest fits the budget, hot ones first; never
 * what is in use, nor the one called spared (may be NULL).
 */
int template_store_prune(const struct template_store *store, const char *spared,
			 struct template_pruned *ret_pruned,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;
