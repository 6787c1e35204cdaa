#define _GNU_SOURCE /* MSG_CMSG_CLOEXEC */

#include "in/message.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

typedef union control { /* aligned as headers are */
    struct cmsghdr align;
    char bytes[CMSG_SPACE(OCRVL_MESSAGE_FILES * sizeof(int))];
} control;

bool ocrvl_message_pair(int fds[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0; }

bool ocrvl_message_send(int sock, const void *data, size_t len, const int *files, size_t count)
{
    control c;
    struct iovec part = {(void *)(uintptr_t)data, len};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&c, 0, sizeof c);
    if (count) {
        m.msg_control = c.bytes;
        m.msg_controllen = CMSG_SPACE(count * sizeof *files);
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(count * sizeof *files);
        memcpy(CMSG_DATA(h), files, count * sizeof *files);
    }
    ssize_t n;
    while ((n = sendmsg(sock, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n >= 0 && (size_t)n == len;
}

/* Milliseconds until one of the limits may have been reached; 0: one has; -1: there is none. */
static int patience(const ocrvl_message_wait *w)
{
    enum { STEP = 10 }; /* the other process may have many threads, and is looked at no oftener */
    double left = w->until > 0 ? fmax(0, ceil((w->until - ocrvl_clock()) * 1000)) : -1;
    if (w->worker > 0) {
        double work = (w->worked - ocrvl_clock_of(w->worker)) * 1000;
        work = work > 0 ? fmax(work / (double)sysconf(_SC_NPROCESSORS_ONLN), STEP) : 0;
        left = left < 0 ? work : fmin(left, work);
    }
    return (int)fmin(left, 1e9);
}

/* Waits until something can be received. */
static ocrvl_message_result wait_for(int sock, const ocrvl_message_wait *w)
{
    struct pollfd p = {.fd = sock, .events = POLLIN};
    for (;;) {
        int left = patience(w), n = poll(&p, 1, left);
        if (n > 0)
            return OCRVL_MESSAGE_CAME;
        if (left == 0)
            return OCRVL_MESSAGE_LATE;
        if (n < 0 && errno != EINTR)
            return OCRVL_MESSAGE_CLOSED;
        if (w->canceled && w->canceled(w->user))
            return OCRVL_MESSAGE_CANCELED;
    }
}

static void take_files(struct msghdr *m, int *files)
{
    size_t got = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof *files;
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
            if (got < OCRVL_MESSAGE_FILES)
                files[got++] = fd;
            else
                close(fd);
        }
    }
}

static void drop_files(int *files)
{
    for (size_t i = 0; i < OCRVL_MESSAGE_FILES; i++) {
        if (files[i] >= 0)
            close(files[i]);
        files[i] = -1;
    }
}

ocrvl_message_result ocrvl_message_receive(int sock, void *data, size_t size, size_t *len, int *files,
                                           const ocrvl_message_wait *wait)
{
    control c;
    struct iovec part = {data, size};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = c.bytes, .msg_controllen = sizeof c.bytes};
    for (size_t i = 0; i < OCRVL_MESSAGE_FILES; i++)
        files[i] = -1;
    ocrvl_message_result r = wait_for(sock, wait);
    if (r != OCRVL_MESSAGE_CAME)
        return r;
    ssize_t n;
    while ((n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (n > 0)
        take_files(&m, files);
    bool whole = n > 0 && !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && (len || (size_t)n == size);
    if (!whole)
        drop_files(files);
    else if (len)
        *len = (size_t)n;
    return whole ? OCRVL_MESSAGE_CAME : OCRVL_MESSAGE_CLOSED;
}
