// SPDX-License-Identifier: GPL-2.0-only
/* What makes a copy of a guest one of its own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest/fields.h"
#include "guest/resume.h"

#define RANDOM_DEVICE "/dev/urandom"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_entropy(const char *hex, struct resume_request *request, struct ktstr_error *error)
{
	size_t length = strlen(hex), size = length / 2;

	if (length % 2 || size < RESUME_ENTROPY_MIN || size > RESUME_ENTROPY_MAX)
		return ktstr_error_set(error, -EBADMSG,
				       "'entropy' has %zu hex digits, not %d..=%d in pairs", length,
				       2 * RESUME_ENTROPY_MIN, 2 * RESUME_ENTROPY_MAX);
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return ktstr_error_set(error, -EBADMSG,
					       "'entropy' holds what is no hex digit");
		request->entropy[i] = (uint8_t)(high << 4 | low);
	}
	request->entropy_size = size;
	return 0;
}

int resume_request_parse(const json_t *message, struct resume_request *ret_request,
			 struct ktstr_error *error)
{
	json_int_t realtime_ns = 0;
	const char *hex = NULL;
	int err;

	*ret_request = (struct resume_request){ 0 };
	err = field_integer(message, "id", &ret_request->id, error);
	if (!err)
		err = field_integer(message, "realtime_ns", &realtime_ns, error);
	if (!err && realtime_ns <= 0)
		err = ktstr_error_set(error, -EBADMSG, "'realtime_ns' is not above 0");
	if (!err)
		err = field_string(message, "entropy", &hex, error);
	if (!err)
		err = parse_entropy(hex, ret_request, error);
	if (err)
		return ktstr_error_wrap(error, err, "message RESUME");
	ret_request->realtime_ns = (uint64_t)realtime_ns;
	return 0;
}

int resume_open(void)
{
	return open(RANDOM_DEVICE, O_RDWR | O_CLOEXEC);
}

static int add_entropy(const struct resume_request *request, int fd, struct ktstr_error *error)
{
	struct {
		struct rand_pool_info info; /* ends with the bytes */
		uint8_t bytes[RESUME_ENTROPY_MAX];
	} pool = { .info = { .entropy_count = (int)request->entropy_size * 8,
			     .buf_size = (int)request->entropy_size } };

	memcpy(pool.bytes, request->entropy, request->entropy_size);
	if (ioctl(fd, RNDADDENTROPY, &pool))
		return ktstr_error_set(error, -errno, "add %zu bytes to '" RANDOM_DEVICE "': %s",
				       request->entropy_size, strerror(errno));
	/* Else what was saved would go on for up to a minute, alike in every copy. */
	if (ioctl(fd, RNDRESEEDCRNG))
		return ktstr_error_set(error, -errno, "reseed the kernel's random numbers: %s",
				       strerror(errno));
	return 0;
}

int resume_apply(const struct resume_request *request, int random_fd, struct ktstr_error *error)
{
	const struct timespec now = clock_timespec(request->realtime_ns);

	if (clock_settime(CLOCK_REALTIME, &now))
		return ktstr_error_set(error, -errno, "set the clock to %lld s: %s",
				       (long long)now.tv_sec, strerror(errno));
	return add_entropy(request, random_fd, error);
}
