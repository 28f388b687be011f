// SPDX-License-Identifier: GPL-2.0-only
/*
 * A test process that is ready before it knows its test. Between READY and RUN its guest is saved,
 * so it goes on in many copies: what has to differ between them is set after RUN.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/resident.h"
#include "harness/channel.h"
#include "harness/registry.h"
#include "harness/run.h"
#include "harness/waiting.h"
#include "wire/message_json.h"

/* Of heap, touched and given back, so that a test of the usual size needs none of the kernel. */
#define HEAP_BYTES (96u << 10)

struct waiting {
	int channel;
	struct frame_reader *reader;
	struct test_place place;
};

static void waiting_release(struct waiting *waiting)
{
	frame_reader_free(waiting->reader);
	test_place_release(&waiting->place);
	if (waiting->channel >= 0)
		close(waiting->channel);
}
#define auto_waiting __attribute__((cleanup(waiting_release)))

/* The message is json (the caller releases it), as text (NULL: not wanted) the caller's as well. */
static int receive(struct waiting *waiting, enum message_type type, json_t **ret_json,
		   char **ret_text, struct ktstr_error *error)
{
	struct frame frame;
	int err;

	while (!(err = frame_reader_next(waiting->reader, &frame, error))) {
		long got = frame_reader_fill(waiting->reader, waiting->channel);

		if (got <= 0)
			return ktstr_error_set(error, got ? (int)got : -EPIPE,
					       "the agent's channel: %s",
					       got ? strerror((int)-got) : "it is closed");
	}
	if (err < 0)
		return err;
	if (frame.type != type)
		return ktstr_error_set(error, -EBADMSG, "message %s where %s is due",
				       message_type_str(frame.type), message_type_str(type));
	if (ret_text) {
		*ret_text = strndup((const char *)frame.payload, frame.length);
		if (!*ret_text)
			return ktstr_error_set(error, -ENOMEM, "no memory for a message");
	}
	return message_parse(&frame, ret_json, error);
}

static void touch_heap(void)
{
	volatile char *heap = malloc(HEAP_BYTES);

	for (size_t at = 0; heap && at < HEAP_BYTES; at += 1024)
		heap[at] = 1;
	free((char *)heap);
}

static int prepare(struct waiting *waiting, struct ktstr_error *error)
{
	struct ktstr_topology topology = { 0 };
	const char *text;
	json_t *json = NULL;
	int err = receive(waiting, MESSAGE_PREPARE, &json, NULL, error);

	if (err)
		return err;
	text = json_string_value(json_object_get(json, "topology"));
	err = ktstr_topology_parse(text ? text : "", &topology, error);
	json_decref(json);
	if (!err)
		err = test_place_make(&topology, NULL, NULL, &waiting->place, error);
	if (err)
		return err;
	/* Where the agent had the loader look up everything at once: no business of the test's. */
	unsetenv("LD_BIND_NOW");
	touch_heap();
	memory_make_resident();
	json = json_object();
	err = channel_send(waiting->channel, MESSAGE_READY, json, error);
	json_decref(json);
	return err;
}

/*
 * The kernel's random bytes for this process are the same in all copies, and somebody may seed with
 * them. The loader took from them what guards stack and pointers; that stays alike.
 */
static void renew_random_bytes(void)
{
	void *bytes = (void *)getauxval(AT_RANDOM);

	if (bytes && getrandom(bytes, 16, GRND_NONBLOCK) != 16)
		fprintf(stderr, "ktstr: AT_RANDOM is that of every copy: %s\n", strerror(errno));
}

static int run_named(struct waiting *waiting, const char *name, const char *request,
		     struct ktstr_test *const *tests, size_t count)
{
	const struct ktstr_test *test = name ? registry_find(tests, count, name) : NULL;

	if (test)
		return run_in_place(test, request, waiting->channel, &waiting->place);
	fprintf(stderr, "ktstr: there is no test '%s'\n", name ? name : "");
	return RUN_NO_RESULT;
}

int wait_and_run(struct ktstr_test *const *tests, size_t count)
{
	auto_waiting struct waiting waiting = { .channel = -1 };
	auto_free char *request = NULL;
	struct ktstr_error error = { 0 };
	json_t *json = NULL;
	int err = channel_open(&waiting.channel, &error);

	if (!err)
		err = frame_reader_new(&waiting.reader, &error);
	if (!err)
		err = prepare(&waiting, &error);
	if (!err)
		err = receive(&waiting, MESSAGE_RUN, &json, &request, &error);
	if (err) {
		fprintf(stderr, "ktstr: waiting for a test: %s\n", error.text);
		return RUN_NO_RESULT;
	}
	renew_random_bytes();
	err = run_named(&waiting, json_string_value(json_object_get(json, "test")), request, tests,
			count);
	json_decref(json);
	return err;
}
