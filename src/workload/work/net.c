// SPDX-License-Identifier: GPL-2.0-only
/* Work on the network interface of the test: NetTraffic, IrqWake. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/kernel_parameter.h"
#include "workload/work.h"
#include "workload/work/net_frame.h"
#include "workload/worker.h"

#define IDLE_NS                                                                                    \
	(10 * NS_PER_MS) /* a worker without an interface: seldom enough to disturb nobody */
#define INTERVAL_DEFAULT_US 100

struct net_state {
	int fd; /* -1: there is no interface for us */
	uint8_t frame[NET_FRAME_MAX_BYTES];
};
_Static_assert(sizeof(struct net_state) <= WORK_STATE_MAX, "fits in a worker");

static struct net_state *state_of(struct ktstr_worker *worker)
{
	return (struct net_state *)worker->state;
}

/* --- the interface --- */

/* Elsewhere the first interface is a way out, and nobody has asked for frames on it. */
static int find_nic(struct nic *ret_nic, struct ktstr_error *error)
{
	if (!kernel_parameter_is_given(PARAMETER_NETWORK))
		return ktstr_error_set(error, -ENODEV,
				       "this test has no network interface: .network = true gives "
				       "it one");
	return nic_find(NIC_FOLDER, ret_nic, error);
}

static int bring_up(int fd, const char *name, struct ktstr_error *error)
{
	struct ifreq request = { 0 };

	memcpy(request.ifr_name, name, strnlen(name, sizeof(request.ifr_name) - 1));
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return ktstr_error_set(error, -errno, "flags of '%s': %s", name, strerror(errno));
	if (request.ifr_flags & IFF_UP)
		return 0;
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return ktstr_error_set(error, -errno, "bring up '%s': %s (needs CAP_NET_ADMIN)",
				       name, strerror(errno));
	return 0;
}

/* No wait is longer than it may take to notice the stop. */
static int limit_waits(int fd)
{
	const struct timeval limit = { .tv_usec = WORKER_STOP_POLL_NS / NS_PER_US };

	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
			       setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0
		       ? -errno
		       : 0;
}

/*
 * ethertype: what it receives, of what comes in but not of what goes out; 0: nothing. The socket
 * has none until it is bound, for before that it would receive from every interface.
 */
static int open_socket(const struct nic *nic, uint16_t ethertype, int *ret_fd,
		       struct ktstr_error *error)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
					     .sll_protocol = htons(ethertype),
					     .sll_ifindex = nic->index };
	auto_close int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "packet socket: %s (needs CAP_NET_RAW)",
				       strerror(errno));
	err = bring_up(fd, nic->name, error);
	if (err)
		return err;
	err = limit_waits(fd);
	if (err)
		return ktstr_error_set(error, err, "packet socket: %s", strerror(-err));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return ktstr_error_set(error, -errno, "packet socket on '%s': %s", nic->name,
				       strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}

static void prepare(struct ktstr_worker *worker, unsigned frame_bytes, uint16_t ethertype)
{
	struct net_state *net = state_of(worker);
	struct ktstr_error error = { 0 };
	struct nic nic;

	net->fd = -1;
	if (find_nic(&nic, &error) || open_socket(&nic, ethertype, &net->fd, &error))
		worker_complain(worker, "%s", error.text);
	else
		net_frame_build(net->frame, frame_bytes, nic.mac);
}

static void net_end(struct ktstr_worker *worker)
{
	auto_close_fn(&state_of(worker)->fd);
}

/* --- iterations --- */

/* Part of the work, so no gap; false when the stop came first. */
static bool pause_for(struct ktstr_worker *worker, uint64_t duration_ns)
{
	uint64_t asleep_ns;
	bool slept = worker_sleep(worker, duration_ns, &asleep_ns);

	worker_excuse_gap(worker, clock_now_ns());
	return slept;
}

static enum work_next idle(struct ktstr_worker *worker)
{
	pause_for(worker, IDLE_NS);
	return WORK_NEXT;
}

/* A full queue (ENOBUFS) or one that does not move (EAGAIN) is what traffic is about. */
static bool is_failure(int err)
{
	return err != EINTR && err != EAGAIN && err != ENOBUFS;
}

static enum work_next send_frame(struct ktstr_worker *worker, unsigned frame_bytes,
				 unsigned interval_us)
{
	const struct net_state *net = state_of(worker);
	bool sent;

	if (net->fd < 0)
		return idle(worker);
	sent = send(net->fd, net->frame, frame_bytes, 0) == (ssize_t)frame_bytes;
	if (!sent && is_failure(errno)) {
		worker_complain(worker, "send: %s", strerror(errno));
		return idle(worker);
	}
	worker->work_units += sent;
	if (interval_us)
		pause_for(worker, interval_us * NS_PER_US);
	else
		worker_excuse_gap(worker, clock_now_ns());
	return sent ? WORK_NEXT : WORK_SKIP;
}

static enum work_next receive_frame(struct ktstr_worker *worker)
{
	struct net_state *net = state_of(worker);
	uint64_t start_ns = clock_now_ns(), now_ns;
	ssize_t got;

	if (net->fd < 0)
		return idle(worker);
	got = recv(net->fd, net->frame, sizeof(net->frame), 0);
	if (got < 0 && is_failure(errno)) {
		worker_complain(worker, "recv: %s", strerror(errno));
		return idle(worker);
	}
	now_ns = clock_now_ns();
	worker_excuse_gap(worker, now_ns);
	if (got <= 0)
		return WORK_SKIP; /* none came in time */
	worker->work_units++;
	worker_sample_wake(worker, now_ns - start_ns);
	return WORK_NEXT;
}

/* --- NetTraffic --- */

static int net_traffic_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_net_traffic_params *traffic = params;

	return net_frame_check(traffic->frame_bytes, error);
}

static void net_traffic_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_net_traffic_params *traffic = worker->params;

	prepare(worker, traffic->frame_bytes, 0);
}

static enum work_next net_traffic_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_net_traffic_params *traffic = worker->params;

	return send_frame(worker, traffic->frame_bytes, traffic->interval_us);
}

const struct ktstr_work_ops ktstr_work_net_traffic = {
	.name = "NetTraffic",
	.summary = "sends frames on the test's network interface",
	.params_size = sizeof(struct ktstr_work_net_traffic_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_net_traffic_params, interval_us,
				    INTERVAL_DEFAULT_US, "us between two frames"),
			WORK_NUMBER(struct ktstr_work_net_traffic_params, frame_bytes,
				    NET_FRAME_MIN_BYTES, "bytes of a frame, 60 to 1514"),
			{ 0 },
		},
	.check = net_traffic_check,
	.state_size = sizeof(struct net_state),
	.prepare = net_traffic_prepare,
	.iterate = net_traffic_iterate,
	.end = net_end,
};

/* --- IrqWake --- */

static bool is_receiver(const struct ktstr_worker *worker)
{
	return worker->position == 1;
}

static unsigned irq_wake_group_size(const void *params)
{
	(void)params;
	return 2;
}

static int irq_wake_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_irq_wake_params *wake = params;

	return net_frame_check(wake->frame_bytes, error);
}

static void irq_wake_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_irq_wake_params *wake = worker->params;

	prepare(worker, wake->frame_bytes, is_receiver(worker) ? NET_ETHERTYPE : 0);
}

static enum work_next irq_wake_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_irq_wake_params *wake = worker->params;

	return is_receiver(worker) ? receive_frame(worker)
				   : send_frame(worker, wake->frame_bytes, wake->interval_us);
}

const struct ktstr_work_ops ktstr_work_irq_wake = {
	.name = "IrqWake",
	.summary = "one worker sends frames, its partner is woken by their interrupts",
	.params_size = sizeof(struct ktstr_work_irq_wake_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_irq_wake_params, interval_us,
				    INTERVAL_DEFAULT_US, "us between two frames"),
			WORK_NUMBER(struct ktstr_work_irq_wake_params, frame_bytes,
				    NET_FRAME_MIN_BYTES, "bytes of a frame, 60 to 1514"),
			{ 0 },
		},
	.group_size = irq_wake_group_size,
	.check = irq_wake_check,
	.state_size = sizeof(struct net_state),
	.prepare = irq_wake_prepare,
	.iterate = irq_wake_iterate,
	.end = net_end,
};
