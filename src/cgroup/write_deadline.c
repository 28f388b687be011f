// SPDX-License-Identifier: GPL-2.0-only
/* A write to a cgroup file that cannot hold up its caller; the reason is in the header. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/write_deadline.h"

/* Shared by caller and writer; whoever lets go last frees it. */
struct request {
	atomic_int holders;
	sem_t done;
	/* Valid once done is posted; atomic for those who do not see that sem_clockwait() waits. */
	atomic_int result;
	int dirfd;
	char *file;
	char *text;
};

static void request_put(struct request *request)
{
	if (!request || atomic_fetch_sub(&request->holders, 1) > 1)
		return;
	sem_destroy(&request->done);
	if (request->dirfd >= 0)
		close(request->dirfd);
	free(request->file);
	free(request->text);
	free(request);
}

static void auto_request_fn(struct request **request)
{
	request_put(*request);
}
#define auto_request __attribute__((cleanup(auto_request_fn)))

static int request_new(int dirfd, const char *file, const char *text, struct request **ret_request)
{
	auto_request struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return -ENOMEM;
	atomic_init(&request->holders, 1);
	sem_init(&request->done, 0, 0);
	/* Its own descriptor: the caller may close dirfd while an abandoned writer still opens. */
	request->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	if (request->dirfd < 0)
		return -errno;
	request->file = strdup(file);
	request->text = strdup(text);
	if (!request->file || !request->text)
		return -ENOMEM;
	*ret_request = take_pointer(request);
	return 0;
}

static int write_now(struct request *request)
{
	/* The kernel ignores O_TRUNC here; a plain file that stands in for it does not. */
	auto_close int fd = openat(request->dirfd, request->file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;
	size_t length = strlen(request->text);
	ssize_t written;

	/*
	 * Of no use any more, and done with before anybody can know of the write: a caller that
	 * goes on may fork, and the child should not inherit it.
	 */
	close(request->dirfd);
	request->dirfd = -1;
	if (err)
		return err;
	written = write(fd, request->text, length);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

static void *writer(void *data)
{
	struct request *request = data;

	request->result = write_now(request);
	sem_post(&request->done);
	request_put(request);
	return NULL;
}

/* Detached, and with every signal blocked: they belong to the threads of the test. */
static int start_writer(struct request *request)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int err;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&request->holders, 1);
	err = pthread_create(&thread, &attributes, writer, request);
	if (err)
		atomic_fetch_sub(&request->holders, 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -err;
}

int write_deadline(int dirfd, const char *file, const char *text, unsigned limit_ms)
{
	struct timespec deadline = clock_timespec(clock_deadline_ms(limit_ms));
	auto_request struct request *request = NULL;
	int err = request_new(dirfd, file, text, &request);

	if (!request)
		return err;
	err = start_writer(request);
	if (err)
		return err;
	while (sem_clockwait(&request->done, CLOCK_MONOTONIC, &deadline))
		if (errno != EINTR)
			return -errno;
	return request->result;
}
