/* Messages with open files on a socket between processes (SOCK_SEQPACKET: a message comes whole or not at all). */
#ifndef OCRVL_IN_MESSAGE_H
#define OCRVL_IN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { OCRVL_MESSAGE_FILES = 3 };

/* A pair of such sockets, which programs that are started don't get. False: errno says why. */
bool ocrvl_message_pair(int fds[2]);
/* Sends len bytes and the open files [count], which stay the caller's. False: errno says why. */
bool ocrvl_message_send(int sock, const void *data, size_t len, const int *files, size_t count);

typedef enum ocrvl_message_result {
    OCRVL_MESSAGE_CAME,
    OCRVL_MESSAGE_CLOSED, /* the other side is gone, or what came isn't a message of this kind */
    OCRVL_MESSAGE_LATE,
    OCRVL_MESSAGE_CANCELED
} ocrvl_message_result;

typedef struct ocrvl_message_wait { /* zero-initialised: for ever */
    double until;                   /* by ocrvl_clock; 0: for ever */
    pid_t worker;                   /* a process of which something is waited for; 0: it doesn't matter which */
    double worked;                  /* its processor time at which the waiting ends */
    bool (*canceled)(void *user);   /* asked when a signal interrupts the waiting; or NULL */
    void *user;
} ocrvl_message_wait;

/* Waits for a message of exactly `size` bytes, or, where *len isn't NULL, of at most so many. files
 * [OCRVL_MESSAGE_FILES] get what came with it, which is the caller's to close, or -1; no more than that is ever held.
 * On failure all are
 * -1. */
ocrvl_message_result ocrvl_message_receive(int sock, void *data, size_t size, size_t *len, int *files,
                                           const ocrvl_message_wait *wait);

#endif
