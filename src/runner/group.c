// SPDX-License-Identifier: GPL-2.0-only
/* Which tests are alike, and what they share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/group.h"
#include "runner/test_bundle.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_payload(const struct binary_payload *a, const struct binary_payload *b)
{
	if (!same_text(a->exe, b->exe) || a->include_files_count != b->include_files_count)
		return false;
	for (size_t i = 0; i < a->include_files_count; i++)
		if (strcmp(a->include_files[i], b->include_files[i]) != 0)
			return false;
	return true;
}

static bool same_files(const struct test_plan *a, const struct test_plan *b)
{
	if (a->binary != b->binary || !same_text(a->bpf_object, b->bpf_object) ||
	    a->test->payloads_count != b->test->payloads_count)
		return false;
	for (size_t i = 0; i < a->test->payloads_count; i++)
		if (!same_payload(&a->test->payloads[i], &b->test->payloads[i]))
			return false;
	return true;
}

static bool same_guest(const struct test_plan *a, const struct test_plan *b)
{
	const struct vm_devices *mine = &a->test->devices, *others = &b->test->devices;

	return memcmp(&a->topology, &b->topology, sizeof(a->topology)) == 0 &&
	       a->test->memory_mib == b->test->memory_mib && mine->disk_mib == others->disk_mib &&
	       mine->network == others->network;
}

void test_group_init(struct test_group *group, const struct test_plan *plan)
{
	*group = (struct test_group){ .plan = plan, .count = 1, .left = 1 };
	pthread_mutex_init(&group->lock, NULL);
}

void test_group_release(struct test_group *group)
{
	bundle_free(group->bundle);
	pthread_mutex_destroy(&group->lock);
	group->bundle = NULL;
}

static struct test_group *find(const struct test_groups *groups, const struct test_plan *plan)
{
	for (size_t i = 0; i < groups->count; i++)
		if (same_files(groups->items[i].plan, plan) &&
		    same_guest(groups->items[i].plan, plan))
			return &groups->items[i];
	return NULL;
}

int test_groups_make(const struct test_plan *plans, size_t count, struct test_groups *ret_groups,
		     struct ktstr_error *error)
{
	struct test_groups groups = { .items = calloc(count + 1, sizeof(*groups.items)),
				      .of = calloc(count + 1, sizeof(struct test_group *)) };

	if (!groups.items || !groups.of) {
		test_groups_release(&groups);
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu tests", count);
	}
	for (size_t i = 0; i < count; i++) {
		struct test_group *group = find(&groups, &plans[i]);

		if (group) {
			group->count++;
			group->left++;
		} else {
			group = &groups.items[groups.count++];
			test_group_init(group, &plans[i]);
		}
		groups.of[i] = group;
	}
	*ret_groups = groups;
	return 0;
}

void test_groups_release(struct test_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		test_group_release(&groups->items[i]);
	free(groups->items);
	free(groups->of);
	*groups = (struct test_groups){ 0 };
}

const struct bundle *test_group_bundle(struct test_group *group, const struct initramfs *initramfs,
				       struct ktstr_error *ret_error)
{
	const struct bundle *bundle;
	int err = 0;

	pthread_mutex_lock(&group->lock);
	if (!group->bundle && !group->bundle_error.code)
		err = test_bundle_make(group->plan, initramfs, &group->bundle,
				       &group->bundle_error);
	(void)err; /* it stands in bundle_error */
	bundle = group->bundle;
	if (!bundle)
		*ret_error = group->bundle_error;
	pthread_mutex_unlock(&group->lock);
	return bundle;
}

void test_group_leave(struct test_group *group)
{
	pthread_mutex_lock(&group->lock);
	if (--group->left == 0) {
		bundle_free(group->bundle);
		group->bundle = NULL;
	}
	pthread_mutex_unlock(&group->lock);
}
