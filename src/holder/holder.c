/*
 * The holder: keeps the listening sockets and the seccomp listeners of a node while node-agents come and go (docs/adr/0016).
 *
 *   DIR/runtime.sock  SOCK_STREAM. Container runtimes connect here and send a listener (SCM_RIGHTS) and the state of the container.
 *   DIR/holder.sock   SOCK_SEQPACKET. Node-agents connect here, and the next holder.
 *
 * Only uid 0 may use them. Each listener that a runtime sends is an entry: it has a number, the listener, and a memfd with the bytes that
 * came with it, which the holder does not look into. It keeps an entry until the last task of the listener's filter has ended (POLLHUP).
 * One agent at a time is told all entries, and duplicates of their fds. While no agent is there, the holder receives the calls that the
 * listeners notify. It answers one kind by itself, with CONTINUE: a KVM_ARM_VCPU_INIT of a vCPU that is marked as levelled. The others wait
 * for the agent, who is told of them.
 *
 * A message is one packet: {u32 kind; u32 value; u64 id}, little-endian, and what the kind adds.
 *
 *   from an agent                                             from the holder
 *   AGENT, SERVING_AGENT  first: value is the version         WELCOME   value: version; its turn has come; fds: runtime sockets
 *   ADOPT    value: count; u64 ids[count];                    REFUSED   value: the version that the holder speaks
 *            fds: listener and state of each, in turn         ENTRY     id; fds: listener, state
 *   ADOPT_SOCKETS  fds: runtime sockets                       RECEIVED  id; struct seccomp_notif: a call not answered
 *                                                             COMPLETE  all entries that were there have been told
 *                                                             NEWCOMER  another agent waits: finish, then close
 *
 *   from a successor                                          from its predecessor
 *   SUCCESSOR  first: value is the version                    WELCOME   id: the next free one; fds: holder.sock, runtime sockets
 *   TAKEN      it has everything                              CONNECTION  id: slot; value: flags; fd: an agent's connection
 *                                                             ENTRY     value: told, owner; RECEIVED value: told; as above
 *                                                             READING   id: bytes; fds: connection of a runtime, state, listener if any
 *                                                             COMPLETE  everything has been told
 *                                                             GO        it is yours. Without it, nothing is: begin anew
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#if defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#else
#error "no such architecture: the messages are little-endian, and the numbers of system calls those of 64 bits"
#endif

#ifndef HOLDER_VERSION
#define HOLDER_VERSION "unknown"
#endif

/* The same numbers are in src/node-agent/holder/holder-message.ts; a test compares them. */
enum {
	PROTOCOL_VERSION = 1,
	AGENT = 1,
	SERVING_AGENT = 2,
	SUCCESSOR = 3,
	ADOPT = 4,
	ADOPT_SOCKETS = 5,
	TAKEN = 6,
	WELCOME = 16,
	REFUSED = 17,
	ENTRY = 18,
	RECEIVED = 19,
	COMPLETE = 20,
	NEWCOMER = 21,
	CONNECTION = 32,
	READING = 33,
	GO = 34,
};

/* The number that src/launch/decide/vcpu-state.ts gives a vCPU that is levelled, with nothing pending (F_SETSIG); a test compares them. */
enum { MARK_LEVELLED = 52 };

/* asm/kvm.h and linux/kvm.h of arm64: _IOW(KVMIO, 0xae, struct kvm_vcpu_init). */
#define KVM_ARM_VCPU_INIT 0x4020aeaeu

/* include/uapi/linux/pidfd.h, Linux 6.9. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

enum {
	MOST_ENTRIES = 4096,
	MOST_RECEIVED = 1024,
	MOST_RECEIVED_OF_ENTRY = 64,
	MOST_READINGS = 256,
	MOST_AGENTS = 8,
	MOST_SOCKETS = 4,
	MOST_ADOPTED = 64,
	MOST_FDS = 253, /* SCM_MAX_FD */
	MOST_STATE_BYTES = 1 << 20,
	BACKLOG = 4096,
	/* A connection that says nothing for so long is over; sooner if others need its place. */
	SILENT_MS = 5000,
	CROWDED_SILENT_MS = 1000,
	/* An adopted runtime socket has no path any more: nobody comes to it later than this. */
	ADOPTED_SOCKET_MS = 10000,
	/* How long to wait before something that failed is tried again, or that changes without a sign is looked at again. */
	AGAIN_MS = 500,
	HAND_OVER_S = 5,
	LONGEST_RECEIVE_US = 20000,
};

#define NONE (-1)
#define EACH(one, of) (typeof(*(of)) *one = (of); one < (of) + sizeof(of) / sizeof *(of); one++)

/* `told`: the current agent knows it. `owner`: the agent that gave it, and that may serve it until it closes. */
struct entry {
	uint64_t id;
	int listener, state;
	int owner;
	int received;
	bool is_used, told;
};

/* A call that was taken from the listener of an entry. */
struct received {
	struct seccomp_notif call;
	int entry;
	bool is_used, told;
};

/* The connection of a runtime that has not said all. */
struct reading {
	int socket, listener, state;
	uint32_t bytes;
	int64_t heard_at;
};

/* A connection to holder.sock. `is_serving`: it came with entries. */
struct agent {
	int socket;
	bool is_greeted, is_serving, knows_newcomer;
	uint64_t arrival;
	int64_t heard_at;
};

struct message {
	uint32_t kind, value;
	uint64_t id;
	union {
		uint64_t ids[MOST_ADOPTED];
		struct seccomp_notif call;
	};
};
#define HEADER_BYTES offsetof(struct message, ids)

static struct entry entries[MOST_ENTRIES];
static struct received receiveds[MOST_RECEIVED];
static struct reading readings[MOST_READINGS];
static struct agent agents[MOST_AGENTS];
static struct { int fd; int64_t until; } sockets[MOST_SOCKETS]; /* The first has the path, for good. */
static int agent_socket = NONE;
static int entry_count, reading_count;
static int current = NONE;
static bool current_is_welcome, current_is_complete;
static uint64_t next_id, arrivals;
static int64_t now, accept_from, link_again_at = INT64_MAX;
static volatile sig_atomic_t is_stopping;

static const char *run_folder = "/cpufeatures";
static const char *link_path = "/var/lib/kubelet/seccomp/cpufeatures";
static char link_target[4096];
static char **arguments;

/* ---- Small things. */

static void say(const char *format, ...)
{
	va_list rest;
	va_start(rest, format);
	fputs("holder: ", stderr);
	vfprintf(stderr, format, rest);
	fputc('\n', stderr);
	va_end(rest);
}

static _Noreturn void die(const char *what)
{
	say("%s: %s", what, strerror(errno));
	exit(1);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = NONE;
}

static int64_t milliseconds(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000) + time.tv_nsec / 1000000;
}

static void pause_ms(int length)
{
	struct timespec time = { length / 1000, length % 1000 * 1000000L };
	nanosleep(&time, NULL);
}

/* A path of at most so many bytes; ends the program if it is longer. */
static const char *path_of(char *into, size_t size, const char *folder, const char *name)
{
	if ((size_t)snprintf(into, size, "%s%s", folder, name) >= size) {
		errno = ENAMETOOLONG;
		die(folder);
	}
	return into;
}

/* ---- Messages and fds. */

/* 0, or -1 with errno: EAGAIN if the other side does not read fast enough. */
static int send_message(int socket, const struct message *message, size_t bytes, const int *fds, int count, int flags)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MOST_FDS)];
	struct iovec iov = { (void *)message, bytes };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (count > 0) {
		memset(control, 0, CMSG_SPACE(sizeof(int) * count));
		header.msg_control = control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(rights), fds, sizeof(int) * count);
	}
	ssize_t sent;
	do
		sent = sendmsg(socket, &header, flags | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

static int tell(int socket, uint32_t kind, uint32_t value, uint64_t id, const int *fds, int count, int flags)
{
	struct message message = { .kind = kind, .value = value, .id = id };
	return send_message(socket, &message, HEADER_BYTES, fds, count, flags);
}

/* Bytes and fds (close-on-exec) that have come; -1 with errno. EMSGSIZE: something was cut off, and all fds are closed again. */
static ssize_t receive_message(int socket, void *bytes, size_t size, int *fds, int *count, int flags)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MOST_FDS)];
	struct iovec iov = { bytes, size };
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control,
	};
	*count = 0;
	ssize_t length = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
	if (length < 0)
		return length;
	for (struct cmsghdr *one = CMSG_FIRSTHDR(&header); one; one = CMSG_NXTHDR(&header, one)) {
		if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS)
			continue;
		int more = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (int at = 0; at < more && *count < MOST_FDS; at++)
			memcpy(&fds[(*count)++], CMSG_DATA(one) + at * sizeof(int), sizeof(int));
	}
	if (!(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return length;
	while (*count > 0)
		close_fd(&fds[--*count]);
	errno = EMSGSIZE;
	return -1;
}

/* Asks /proc, because an ioctl on a file of unknown kind could do anything. */
static bool is_listener(int fd)
{
	char path[64], link[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(path, link, sizeof link);
	const char *wanted = "anon_inode:seccomp notify";
	return length == (ssize_t)strlen(wanted) && !memcmp(link, wanted, length);
}

static bool is_trusted(int socket)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	if (peer.uid != geteuid())
		say("refused process %d of user %u: only its own user may connect", (int)peer.pid, (unsigned)peer.uid);
	return peer.uid == geteuid();
}

/* ---- Entries, and the calls that were received. */

static bool still_waits(const struct entry *entry, const struct seccomp_notif *call)
{
	uint64_t id = call->id;
	return ioctl(entry->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static void drop_received(struct received *received)
{
	received->is_used = false;
	entries[received->entry].received--;
}

/* Forgets the calls of an entry that do not wait any more: answered, interrupted, or their thread has ended. */
static void drop_ended_calls(int entry)
{
	for (struct received *one = receiveds; one < receiveds + MOST_RECEIVED && entries[entry].received; one++)
		if (one->is_used && one->entry == entry && !still_waits(&entries[entry], &one->call))
			drop_received(one);
}

static void forget_entry(int index)
{
	struct entry *entry = &entries[index];
	for (struct received *one = receiveds; one < receiveds + MOST_RECEIVED && entry->received; one++)
		if (one->is_used && one->entry == index)
			drop_received(one);
	close_fd(&entry->listener);
	close_fd(&entry->state);
	entry->is_used = false;
	entry_count--;
}

/* Takes both fds. */
static void add_entry(uint64_t id, int listener, int state, int owner)
{
	struct entry *free_one = NULL;
	for EACH(one, entries) {
		if (!one->is_used && !free_one)
			free_one = one;
		if (one->is_used && one->id == id) {
			free_one = NULL;
			break;
		}
	}
	if (!free_one || !is_listener(listener)) {
		close_fd(&listener);
		close_fd(&state);
		return;
	}
	*free_one = (struct entry){
		.id = id, .listener = listener, .state = state, .owner = owner, .is_used = true,
		.told = owner != NONE && owner == current,
	};
	entry_count++;
}

static struct received *free_received(void)
{
	for EACH(one, receiveds)
		if (!one->is_used)
			return one;
	return NULL;
}

/* Whether the vCPU that a call INITs is levelled, as far as this process can see. */
static bool inits_levelled_vcpu(const struct seccomp_notif *call)
{
	if (call->data.nr != SYS_ioctl || call->data.arch != NATIVE_ARCH || (uint32_t)call->data.args[1] != KVM_ARM_VCPU_INIT)
		return false;
	/* The file table is the thread's own. Before Linux 6.9 only the first thread of a process can be asked. */
	int thread = syscall(SYS_pidfd_open, call->pid, PIDFD_THREAD);
	if (thread < 0 && errno == EINVAL)
		thread = syscall(SYS_pidfd_open, call->pid, 0);
	int vcpu = thread < 0 ? NONE : (int)syscall(SYS_pidfd_getfd, thread, (int)call->data.args[0], 0);
	int mark = vcpu < 0 ? NONE : fcntl(vcpu, F_GETSIG);
	close_fd(&vcpu);
	close_fd(&thread);
	return mark == MARK_LEVELLED;
}

/* Takes the next call of a listener. It would wait if another process had taken the call meanwhile, so an alarm ends it. */
static bool receive_call(int listener, struct seccomp_notif *call)
{
	struct itimerval alarm = { { 0, LONGEST_RECEIVE_US }, { 0, LONGEST_RECEIVE_US } }, never = { 0 };
	memset(call, 0, sizeof *call);
	setitimer(ITIMER_REAL, &alarm, NULL);
	int result = ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, call);
	setitimer(ITIMER_REAL, &never, NULL);
	return result == 0;
}

/* What was seen of the vCPU is true of this call if the call still waits after the look: its thread was there all the time. */
static void serve_call(int index)
{
	struct entry *entry = &entries[index];
	struct received *place = free_received();
	if (!place || !receive_call(entry->listener, &place->call))
		return;
	bool is_levelled = inits_levelled_vcpu(&place->call);
	if (!still_waits(entry, &place->call))
		return;
	struct seccomp_notif_resp answer = { .id = place->call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	if (is_levelled && (ioctl(entry->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 || errno == ENOENT))
		return;
	place->entry = index;
	place->told = false;
	place->is_used = true;
	entry->received++;
}

/* ---- Runtimes. */

/* However it ends, a listener that has come is kept: what its filter notifies would fail without it. */
static void end_reading(struct reading *reading)
{
	close_fd(&reading->socket);
	reading_count--;
	if (reading->listener >= 0)
		add_entry(next_id++, reading->listener, reading->state, NONE);
	else
		close_fd(&reading->state);
	reading->listener = reading->state = NONE;
}

static void read_runtime(struct reading *reading)
{
	static char bytes[1 << 16];
	int fds[MOST_FDS], count;
	ssize_t length = receive_message(reading->socket, bytes, sizeof bytes, fds, &count, MSG_DONTWAIT);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length < 0 && errno == EMSGSIZE)
		say("a runtime's message was cut off: this process may have too many files open");
	for (int i = 0; i < count; i++) {
		if (reading->listener < 0 && is_listener(fds[i]))
			reading->listener = fds[i];
		else
			close_fd(&fds[i]);
	}
	ssize_t room = MOST_STATE_BYTES - reading->bytes, kept = length > room ? room : length;
	if (kept > 0 && pwrite(reading->state, bytes, kept, reading->bytes) != kept)
		say("cannot keep the state of a container: %s", strerror(errno));
	if (kept > 0)
		reading->bytes += kept;
	reading->heard_at = now;
	if (length <= 0 || reading->bytes >= MOST_STATE_BYTES)
		end_reading(reading);
}

/* A place for a connection: a free one, or that of whoever has been silent longest, if the crowd needs it. */
static struct reading *place_for_runtime(void)
{
	struct reading *oldest = NULL;
	for EACH(one, readings) {
		if (one->socket < 0)
			return one;
		if (!oldest || one->heard_at < oldest->heard_at)
			oldest = one;
	}
	return now - oldest->heard_at >= CROWDED_SILENT_MS ? oldest : NULL;
}

static bool can_accept_runtime(void)
{
	return now >= accept_from && entry_count + reading_count < MOST_ENTRIES && place_for_runtime();
}

/* The file for its state comes first: a connection that was accepted must not fail for want of it. */
static void accept_runtime(int socket)
{
	if (!can_accept_runtime())
		return;
	int state = memfd_create("container-state", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (state < 0 && errno == EINVAL) /* before Linux 6.3 */
		state = memfd_create("container-state", MFD_CLOEXEC);
	int fd = state < 0 ? NONE : accept4(socket, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
		say("cannot take a connection, trying again: %s", strerror(errno));
		accept_from = now + AGAIN_MS;
	}
	if (fd < 0 || !is_trusted(fd)) {
		close_fd(&fd);
		close_fd(&state);
		return;
	}
	struct reading *place = place_for_runtime();
	if (place->socket >= 0)
		end_reading(place);
	*place = (struct reading){ .socket = fd, .listener = NONE, .state = state, .heard_at = now };
	reading_count++;
}

static bool is_listening(int fd, ino_t *inode)
{
	int listens = 0, type = 0;
	socklen_t size = sizeof listens;
	struct stat file;
	if (fstat(fd, &file) || !S_ISSOCK(file.st_mode))
		return false;
	*inode = file.st_ino;
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	return listens && type == SOCK_STREAM;
}

/* Takes the fd: a runtime socket of a holder that has ended, with the connections that have come to it since. */
static void adopt_socket(int fd)
{
	ino_t inode, other;
	bool is_wanted = is_listening(fd, &inode);
	int place = NONE;
	for (int i = 0; i < MOST_SOCKETS; i++) {
		if (sockets[i].fd < 0)
			place = i;
		else if (is_wanted && is_listening(sockets[i].fd, &other) && other == inode)
			is_wanted = false;
	}
	if (!is_wanted || place == NONE) {
		close_fd(&fd);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	sockets[place].fd = fd;
	sockets[place].until = now + ADOPTED_SOCKET_MS;
}

/* ---- Agents. */

static void lose_agent(int slot, const char *why)
{
	struct agent *agent = &agents[slot];
	if (agent->is_greeted)
		say("the agent %s; %d entries", why, entry_count);
	close_fd(&agent->socket);
	for (int i = 0; i < MOST_ENTRIES; i++)
		if (entries[i].owner == slot)
			entries[i].owner = NONE;
	if (slot == current)
		current = NONE;
}

static int place_for_agent(void)
{
	for (int slot = 0; slot < MOST_AGENTS; slot++)
		if (agents[slot].socket < 0)
			return slot;
	return NONE;
}

static void accept_agent(void)
{
	int slot = place_for_agent();
	if (slot == NONE)
		return;
	int fd = accept4(agent_socket, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		accept_from = now + AGAIN_MS;
	if (fd < 0 || !is_trusted(fd)) {
		close_fd(&fd);
		return;
	}
	agents[slot] = (struct agent){ .socket = fd, .heard_at = now, .arrival = arrivals++ };
}

/* If nobody has the turn, it goes to an agent that came with entries, or else to the first. It knows the entries that it gave. */
static void choose_agent(void)
{
	if (current != NONE)
		return;
	for (int slot = 0; slot < MOST_AGENTS; slot++) {
		const struct agent *one = &agents[slot], *best = current == NONE ? NULL : &agents[current];
		if (one->socket >= 0 && one->is_greeted &&
		    (!best || one->is_serving > best->is_serving ||
		     (one->is_serving == best->is_serving && one->arrival < best->arrival)))
			current = slot;
	}
	if (current == NONE)
		return;
	current_is_welcome = current_is_complete = false;
	for EACH(one, entries)
		one->told = one->owner == current;
	for EACH(one, receiveds)
		one->told = false;
	say("an agent serves; %d entries", entry_count);
}

/* Two agents must never serve one entry: of two, the older leaves first. One that came with entries is the older, even if it waits. */
static void tell_newcomers(void)
{
	for (int slot = 0; slot < MOST_AGENTS && current != NONE; slot++) {
		if (slot == current || agents[slot].socket < 0 || !agents[slot].is_greeted)
			continue;
		struct agent *older = &agents[agents[slot].is_serving ? slot : current];
		if (!older->knows_newcomer)
			older->knows_newcomer = tell(older->socket, NEWCOMER, 0, 0, NULL, 0, MSG_DONTWAIT) == 0;
	}
}

static int runtime_sockets(int *fds)
{
	int count = 0;
	for (int i = 0; i < MOST_SOCKETS; i++)
		if (sockets[i].fd >= 0)
			fds[count++] = sockets[i].fd;
	return count;
}

static int tell_entry(int socket, const struct entry *entry, uint32_t value, int flags)
{
	return tell(socket, ENTRY, value, entry->id, (int[]){ entry->listener, entry->state }, 2, flags);
}

static int tell_received(int socket, const struct received *received, uint32_t value, int flags)
{
	struct message message = {
		.kind = RECEIVED, .value = value, .id = entries[received->entry].id, .call = received->call,
	};
	return send_message(socket, &message, HEADER_BYTES + sizeof received->call, NULL, 0, flags);
}

/* Tells the current agent what it does not know yet. 0 once it knows all; -1 if a message could not be sent. */
static int tell_rest(int socket)
{
	if (!current_is_welcome) {
		int fds[MOST_SOCKETS], count = runtime_sockets(fds);
		if (tell(socket, WELCOME, PROTOCOL_VERSION, 0, fds, count, MSG_DONTWAIT))
			return -1;
		current_is_welcome = true;
	}
	for EACH(one, entries) {
		if (!one->is_used || one->told || one->owner != NONE)
			continue;
		if (tell_entry(socket, one, 0, MSG_DONTWAIT))
			return -1;
		one->told = true;
	}
	for EACH(one, receiveds) {
		if (!one->is_used || one->told || !entries[one->entry].told)
			continue;
		if (!still_waits(&entries[one->entry], &one->call)) {
			drop_received(one);
			continue;
		}
		if (tell_received(socket, one, 0, MSG_DONTWAIT))
			return -1;
		one->told = true;
	}
	if (!current_is_complete && tell(socket, COMPLETE, 0, 0, NULL, 0, MSG_DONTWAIT))
		return -1;
	current_is_complete = true;
	return 0;
}

/* Whether the current agent knows everything; nothing is to be told if there is none. */
static bool tell_agent(void)
{
	if (current == NONE || !tell_rest(agents[current].socket))
		return true;
	/* One that has closed may have given something first: its end is read after that. */
	if (errno != EAGAIN && errno != EPIPE && errno != ECONNRESET)
		lose_agent(current, "cannot be told anything");
	return false;
}

static void hand_over(int slot);

/* The first message of a connection. */
static bool greet(int slot, const struct message *message, size_t bytes, int fds)
{
	if (bytes != HEADER_BYTES || fds != 0 || message->kind < AGENT || message->kind > SUCCESSOR)
		return false;
	if (message->value != PROTOCOL_VERSION) {
		say("refused version %u of the protocol: this holder speaks %d", message->value, PROTOCOL_VERSION);
		tell(agents[slot].socket, REFUSED, PROTOCOL_VERSION, 0, NULL, 0, MSG_DONTWAIT);
		return false;
	}
	if (message->kind == SUCCESSOR) {
		hand_over(slot);
		return true;
	}
	agents[slot].is_greeted = true;
	agents[slot].is_serving = message->kind == SERVING_AGENT;
	return true;
}

/* Takes those of the fds that it wants, and puts NONE in their place. */
static bool adopt(int slot, const struct message *message, size_t bytes, int *fds, int count)
{
	if (message->kind == ADOPT_SOCKETS && bytes == HEADER_BYTES) {
		for (int i = 0; i < count; i++) {
			adopt_socket(fds[i]);
			fds[i] = NONE;
		}
		return true;
	}
	size_t entry_count = message->value;
	if (message->kind != ADOPT || entry_count > MOST_ADOPTED || (size_t)count != 2 * entry_count ||
	    bytes != HEADER_BYTES + entry_count * sizeof(uint64_t))
		return false;
	for (size_t i = 0; i < entry_count; i++) {
		add_entry(message->ids[i], fds[2 * i], fds[2 * i + 1], slot);
		fds[2 * i] = fds[2 * i + 1] = NONE;
	}
	return true;
}

static void hear_agent(int slot)
{
	struct message message;
	int fds[MOST_FDS], count;
	memset(&message, 0, sizeof message);
	ssize_t length = receive_message(agents[slot].socket, &message, sizeof message, fds, &count, MSG_DONTWAIT);
	/* ECONNRESET: it has closed without reading all. What it said before comes after this. */
	if (length < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return;
	bool is_over = length <= 0;
	bool is_known = length >= (ssize_t)HEADER_BYTES &&
	                (agents[slot].is_greeted ? adopt(slot, &message, length, fds, count)
	                                         : greet(slot, &message, length, count));
	for (int i = 0; i < count; i++)
		close_fd(&fds[i]);
	if (!is_known && agents[slot].socket >= 0)
		lose_agent(slot, is_over ? "has left" : "said what it must not");
}

/* ---- The link by which the kubelet finds the profiles: it leads into this process's files, so it ends with it. */

static void set_link(void)
{
	char folder[4096], fresh[4096];
	path_of(folder, sizeof folder, link_path, "");
	char *slash = strrchr(folder, '/');
	if (slash && slash != folder) {
		*slash = '\0';
		mkdir(folder, 0755);
	}
	path_of(fresh, sizeof fresh, link_path, ".new");
	unlink(fresh);
	if (symlink(link_target, fresh) == 0 && rename(fresh, link_path) == 0) {
		link_again_at = INT64_MAX;
		return;
	}
	if (link_again_at == INT64_MAX)
		say("cannot make the link %s, trying again: %s", link_path, strerror(errno));
	unlink(fresh);
	link_again_at = now + SILENT_MS;
}

static void remove_link(void)
{
	char found[sizeof link_target];
	ssize_t length = readlink(link_path, found, sizeof found);
	if (length == (ssize_t)strlen(link_target) && !memcmp(found, link_target, length))
		unlink(link_path);
}

/* ---- One holder after another. */

/* Ends its work, not the process: whatever started it would start it again, and it would take everything back. */
static _Noreturn void rest(void)
{
	sigset_t none;
	sigemptyset(&none);
	close_range(3, ~0U, 0);
	while (!is_stopping)
		sigsuspend(&none);
	exit(0);
}

enum { IS_GREETED = 1, IS_SERVING = 2, KNOWS_NEWCOMER = 4, IS_CURRENT = 8, IS_WELCOME = 16, IS_COMPLETE = 32 };

static uint32_t flags_of_agent(int slot)
{
	const struct agent *one = &agents[slot];
	uint32_t flags = (one->is_greeted ? IS_GREETED : 0) | (one->is_serving ? IS_SERVING : 0) |
	                 (one->knows_newcomer ? KNOWS_NEWCOMER : 0);
	if (slot != current)
		return flags;
	return flags | IS_CURRENT | (current_is_welcome ? IS_WELCOME : 0) | (current_is_complete ? IS_COMPLETE : 0);
}

/* Tells a successor everything; 0, or -1 with errno. Nothing changes here meanwhile, but that listeners may hang up. */
static int tell_everything(int successor, int successor_slot)
{
	int fds[1 + MOST_SOCKETS];
	fds[0] = agent_socket;
	if (tell(successor, WELCOME, PROTOCOL_VERSION, next_id, fds, 1 + runtime_sockets(fds + 1), 0))
		return -1;
	for (int slot = 0; slot < MOST_AGENTS; slot++)
		if (slot != successor_slot && agents[slot].socket >= 0 &&
		    tell(successor, CONNECTION, flags_of_agent(slot), slot, &agents[slot].socket, 1, 0))
			return -1;
	for EACH(one, entries)
		if (one->is_used && tell_entry(successor, one, one->told | (uint32_t)(one->owner + 1) << 1, 0))
			return -1;
	for EACH(one, receiveds)
		if (one->is_used && tell_received(successor, one, one->told, 0))
			return -1;
	for EACH(one, readings) {
		int parts[] = { one->socket, one->state, one->listener };
		if (one->socket >= 0 && tell(successor, READING, 0, one->bytes, parts, one->listener < 0 ? 2 : 3, 0))
			return -1;
	}
	return tell(successor, COMPLETE, 0, 0, NULL, 0, 0);
}

static void hand_over(int slot)
{
	int successor = agents[slot].socket, count;
	struct timeval longest = { HAND_OVER_S, 0 };
	struct message taken = { 0 };
	setsockopt(successor, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
	setsockopt(successor, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
	if (tell_everything(successor, slot) == 0 &&
	    receive_message(successor, &taken, sizeof taken, (int[MOST_FDS]){ 0 }, &count, 0) == HEADER_BYTES &&
	    taken.kind == TAKEN && tell(successor, GO, 0, 0, NULL, 0, 0) == 0) {
		say("handed %d entries over to the next holder", entry_count);
		rest();
	}
	say("a successor did not take over: %s", strerror(errno));
	close_fd(&agents[slot].socket);
	if (!is_stopping)
		set_link();
}

static void take_agent(const struct message *message, int fd)
{
	struct agent *agent = &agents[message->id % MOST_AGENTS];
	*agent = (struct agent){
		.socket = fd,
		.is_greeted = message->value & IS_GREETED,
		.is_serving = message->value & IS_SERVING,
		.knows_newcomer = message->value & KNOWS_NEWCOMER,
		.arrival = arrivals++,
		.heard_at = now,
	};
	if (!(message->value & IS_CURRENT))
		return;
	current = message->id % MOST_AGENTS;
	current_is_welcome = message->value & IS_WELCOME;
	current_is_complete = message->value & IS_COMPLETE;
}

static void take_received(const struct message *message)
{
	struct received *place = free_received();
	for (int i = 0; i < MOST_ENTRIES && place; i++)
		if (entries[i].is_used && entries[i].id == message->id) {
			*place = (struct received){ message->call, i, true, message->value };
			entries[i].received++;
			return;
		}
}

/* Takes what a message of the predecessor brings; false if it is none. */
static bool take(const struct message *message, int *fds, int count)
{
	if (message->kind == WELCOME && count >= 2 && count <= 1 + MOST_SOCKETS) {
		next_id = message->id;
		agent_socket = fds[0];
		for (int i = 1; i < count; i++)
			sockets[i - 1].fd = fds[i], sockets[i - 1].until = now + ADOPTED_SOCKET_MS;
	} else if (message->kind == CONNECTION && count == 1) {
		take_agent(message, fds[0]);
	} else if (message->kind == ENTRY && count == 2) {
		add_entry(message->id, fds[0], fds[1], (int)(message->value >> 1) - 1);
		for EACH(one, entries)
			if (one->is_used && one->id == message->id)
				one->told = message->value & 1;
	} else if (message->kind == RECEIVED && count == 0) {
		take_received(message);
	} else if (message->kind == READING && (count == 2 || count == 3)) {
		struct reading *place = place_for_runtime();
		*place = (struct reading){ fds[0], count == 3 ? fds[2] : NONE, fds[1], message->id, now };
		reading_count++;
	} else {
		return false;
	}
	return true;
}

/* Nothing was taken if this fails anywhere: all fds go, and the program begins anew. */
static _Noreturn void begin_anew(const char *why)
{
	say("%s; beginning anew", why);
	pause_ms(AGAIN_MS);
	execv("/proc/self/exe", arguments);
	die("execv");
}

/* Takes everything from a holder that is there. */
static void take_over(int predecessor)
{
	struct message message;
	int fds[MOST_FDS], count;
	if (tell(predecessor, SUCCESSOR, PROTOCOL_VERSION, 0, NULL, 0, 0))
		begin_anew("the holder before this one does not listen");
	for (;;) {
		memset(&message, 0, sizeof message);
		if (receive_message(predecessor, &message, sizeof message, fds, &count, 0) < (ssize_t)HEADER_BYTES)
			begin_anew("the holder before this one did not tell everything");
		if (message.kind == REFUSED) {
			say("the holder before this one speaks version %u, and this one %d", message.value, PROTOCOL_VERSION);
			exit(1);
		}
		if (message.kind == COMPLETE)
			break;
		if (!take(&message, fds, count))
			begin_anew("the holder before this one said what it must not");
	}
	/* Now both have everything, and only GO says who goes on: until then the profiles are there by either link. */
	set_link();
	if (tell(predecessor, TAKEN, 0, 0, NULL, 0, 0) ||
	    receive_message(predecessor, &message, sizeof message, fds, &count, 0) != HEADER_BYTES || message.kind != GO)
		begin_anew("the holder before this one kept everything");
	close_fd(&predecessor);
	say("took %d entries over from the holder before this one", entry_count);
}

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	path_of(address.sun_path, sizeof address.sun_path, run_folder, name);
	return address;
}

/* The new socket replaces a file of the same name in one step: a holder that was killed has left it. */
static int listen_at(const char *name, int type)
{
	char fresh_name[32];
	struct sockaddr_un path = address_of(name), fresh = address_of(path_of(fresh_name, sizeof fresh_name, name, ".new"));
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(fresh.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&fresh, sizeof fresh) || chmod(fresh.sun_path, 0600) ||
	    listen(fd, BACKLOG) || rename(fresh.sun_path, path.sun_path))
		die(path.sun_path);
	return fd;
}

/* A connection to the holder that is there; NONE if there is none. */
static int find_predecessor(void)
{
	struct sockaddr_un address = address_of("/holder.sock");
	for (;;) {
		int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		if (fd < 0)
			die("socket");
		if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
			return fd;
		if (errno != EAGAIN && errno != EINTR && errno != ENOENT && errno != ECONNREFUSED)
			die(address.sun_path);
		bool is_none = errno == ENOENT || errno == ECONNREFUSED;
		close_fd(&fd);
		if (is_none)
			return NONE;
	}
}

/* Two that start at once must not both listen: the lock lasts until one does. */
static void begin(void)
{
	char path[4096];
	if (mkdir(run_folder, 0700))
		chmod(run_folder, 0700);
	mkdir(path_of(path, sizeof path, run_folder, "/seccomp"), 0755);
	int lock = open(path_of(path, sizeof path, run_folder, "/holder.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX))
		die(path);
	int predecessor = find_predecessor();
	if (predecessor >= 0) {
		close_fd(&lock);
		take_over(predecessor);
		return;
	}
	if (getrandom(&next_id, sizeof next_id, 0) != sizeof next_id)
		die("getrandom");
	next_id &= ~(uint64_t)UINT32_MAX;
	sockets[0].fd = listen_at("/runtime.sock", SOCK_STREAM);
	agent_socket = listen_at("/holder.sock", SOCK_SEQPACKET);
	close_fd(&lock);
	set_link();
	say("listening in %s; no holder was there before", run_folder);
}

/* ---- The loop. */

enum { OF_AGENT, OF_READING, OF_ENTRY, OF_AGENT_SOCKET, OF_RUNTIME_SOCKET, KINDS };
static struct pollfd polled[MOST_AGENTS + MOST_READINGS + MOST_ENTRIES + 1 + MOST_SOCKETS];
static struct { short kind, index; } polled_as[sizeof polled / sizeof *polled];
static int polled_count;

static void watch(int kind, int index, int fd, short events)
{
	if (fd < 0)
		return;
	polled[polled_count] = (struct pollfd){ .fd = fd, .events = events };
	polled_as[polled_count].kind = kind;
	polled_as[polled_count++].index = index;
}

/* Whether the holder may receive the calls of an entry: no agent does. */
static bool is_ours(const struct entry *entry)
{
	return current == NONE && entry->owner == NONE;
}

/* What may make a difference later without any fd that says so. */
static bool must_look_again;

/* Chooses what to wait for. New connections come last, so that none is taken for one that had its place before. */
static void watch_all(bool agent_knows_all)
{
	polled_count = 0;
	must_look_again = accept_from > now || link_again_at != INT64_MAX || is_stopping;
	for (int i = 0; i < MOST_AGENTS; i++) {
		watch(OF_AGENT, i, agents[i].socket, i == current && !agent_knows_all ? POLLIN | POLLOUT : POLLIN);
		must_look_again |= agents[i].socket >= 0 && !agents[i].is_greeted;
	}
	for (int i = 0; i < MOST_READINGS; i++) {
		watch(OF_READING, i, readings[i].socket, POLLIN);
		must_look_again |= readings[i].socket >= 0;
	}
	bool is_room = free_received() != NULL;
	for (int i = 0; i < MOST_ENTRIES; i++) {
		if (!entries[i].is_used)
			continue;
		bool is_full = !is_room || entries[i].received >= MOST_RECEIVED_OF_ENTRY;
		watch(OF_ENTRY, i, entries[i].listener, is_ours(&entries[i]) && !is_full ? POLLIN : 0);
		must_look_again |= is_full && is_ours(&entries[i]);
	}
	if (place_for_agent() != NONE && now >= accept_from)
		watch(OF_AGENT_SOCKET, 0, agent_socket, POLLIN);
	for (int i = 0; i < MOST_SOCKETS; i++) {
		watch(OF_RUNTIME_SOCKET, i, sockets[i].fd, can_accept_runtime() ? POLLIN : 0);
		must_look_again |= i > 0 && sockets[i].fd >= 0;
	}
	must_look_again |= !can_accept_runtime();
}

static void serve(int at)
{
	int index = polled_as[at].index;
	short events = polled[at].revents;
	switch (polled_as[at].kind) {
	case OF_AGENT:
		if (agents[index].socket == polled[at].fd && events & ~POLLOUT)
			hear_agent(index);
		break;
	case OF_READING:
		read_runtime(&readings[index]);
		break;
	case OF_ENTRY:
		if (events & POLLHUP)
			forget_entry(index);
		else if (events & POLLIN && is_ours(&entries[index]))
			serve_call(index);
		break;
	case OF_AGENT_SOCKET:
		accept_agent();
		break;
	case OF_RUNTIME_SOCKET:
		if (events & POLLIN)
			accept_runtime(sockets[index].fd);
		break;
	}
}

/* What time alone ends or mends. */
static void look_again(void)
{
	for (int i = 0; i < MOST_AGENTS; i++)
		if (agents[i].socket >= 0 && !agents[i].is_greeted && now - agents[i].heard_at >= SILENT_MS)
			lose_agent(i, "");
	for (int i = 0; i < MOST_READINGS; i++)
		if (readings[i].socket >= 0 && now - readings[i].heard_at >= SILENT_MS)
			end_reading(&readings[i]);
	for (int i = 0; i < MOST_ENTRIES; i++)
		if (entries[i].is_used && entries[i].received > 0 && is_ours(&entries[i]))
			drop_ended_calls(i);
	for (int i = 1; i < MOST_SOCKETS; i++)
		if (sockets[i].fd >= 0 && now >= sockets[i].until)
			close_fd(&sockets[i].fd);
	if (now >= link_again_at && !is_stopping)
		set_link();
}

/* A holder that is to end waits for somebody who takes its entries: an agent that knows them all has duplicates, and gives them on. */
static bool may_end(bool agent_knows_all)
{
	return reading_count == 0 && (current == NONE ? entry_count == 0 : agent_knows_all);
}

static void hold(void)
{
	sigset_t while_waiting;
	bool was_stopping = false;
	sigemptyset(&while_waiting);
	for (;;) {
		now = milliseconds();
		choose_agent();
		tell_newcomers();
		bool agent_knows_all = tell_agent();
		if (is_stopping && !was_stopping)
			remove_link();
		was_stopping = is_stopping;
		watch_all(agent_knows_all);
		struct timespec longest = { 0, AGAIN_MS / (was_stopping ? 10 : 1) * 1000000L };
		int ready = ppoll(polled, polled_count, must_look_again ? &longest : NULL, &while_waiting);
		now = milliseconds();
		for (int at = 0; at < polled_count && ready > 0; at++)
			if (polled[at].revents)
				serve(at);
		look_again();
		if (was_stopping && ready == 0 && may_end(agent_knows_all))
			break;
	}
	say("ends; %d entries are left to the agent", entry_count);
}

/* ---- The program. */

static void stop(int signal)
{
	(void)signal;
	is_stopping = 1;
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* Signals come only while the process waits. The alarm interrupts a call, so it must not restart it. */
static void set_signals(void)
{
	struct sigaction stopping = { .sa_handler = stop }, alarm = { .sa_handler = do_nothing };
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaction(SIGTERM, &stopping, NULL);
	sigaction(SIGINT, &stopping, NULL);
	sigaction(SIGALRM, &alarm, NULL);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static void allow_many_files(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static const char USAGE[] =
	"Usage: holder [--run FOLDER] [--link PATH]\n"
	"       holder --reference\n"
	"\n"
	"Keeps the seccomp listeners that container runtimes send, while node-agents stop and start.\n"
	"\n"
	"  --run FOLDER   the folder of the sockets and of seccomp/, which has the seccomp profiles; an absolute path\n"
	"                 (default: /cpufeatures)\n"
	"  --link PATH    the symbolic link with which the kubelet finds the seccomp profiles\n"
	"                 (default: /var/lib/kubelet/seccomp/cpufeatures)\n"
	"  --reference    only wait for SIGTERM; the reference containers of the node-agent's pod do this\n"
	"  --version      print the version\n"
	"  --help         print this help\n";

static void read_options(int count, char **values)
{
	for (int i = 1; i < count; i++) {
		const char *option = values[i];
		bool has_value = i + 1 < count && values[i + 1][0] == '/';
		if (!strcmp(option, "--reference")) {
			rest();
		} else if (!strcmp(option, "--version")) {
			puts(HOLDER_VERSION);
			exit(0);
		} else if (!strcmp(option, "--help")) {
			fputs(USAGE, stdout);
			exit(0);
		} else if (!strcmp(option, "--run") && has_value) {
			run_folder = values[++i];
		} else if (!strcmp(option, "--link") && has_value) {
			link_path = values[++i];
		} else {
			fprintf(stderr, "holder: %s is not an option, or needs an absolute path\n%s", option, USAGE);
			exit(2);
		}
	}
}

int main(int count, char **values)
{
	arguments = values;
	set_signals();
	read_options(count, values);
	snprintf(link_target, sizeof link_target, "/proc/%d/root%s/seccomp", (int)getpid(), run_folder);
	now = milliseconds();
	for (int i = 0; i < MOST_ENTRIES; i++)
		entries[i].owner = NONE;
	for (int i = 0; i < MOST_READINGS; i++)
		readings[i].socket = NONE;
	for (int i = 0; i < MOST_AGENTS; i++)
		agents[i].socket = NONE;
	for (int i = 0; i < MOST_SOCKETS; i++)
		sockets[i].fd = NONE;
	allow_many_files();
	begin();
	hold();
	return 0;
}
