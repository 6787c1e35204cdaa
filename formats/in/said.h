/* What libraries write to standard error while a decoder works: a file in memory of a fixed size, which both the
 * decoder and the process that asks it can read, and which isn't shown to anyone. */
#ifndef OCRVL_IN_SAID_H
#define OCRVL_IN_SAID_H

#include <stdbool.h>

enum { OCRVL_SAID_BYTES = 16384 }; /* what doesn't fit is lost */

/* A new one, to become standard error, is *fd. False: errno says why. */
bool ocrvl_said_new(int *fd);
/* Makes the file standard error, for C's streams too, whatever the program has made of them. */
void ocrvl_said_listen(int fd);
/* What was said so far; text [OCRVL_SAID_BYTES + 1] ends with NUL, and other NULs in it have become spaces. */
void ocrvl_said_read(int fd, char *text);
/* The same of what came after the first `from` bytes, in standard error itself; nothing if it isn't such a file. */
void ocrvl_said_since(long from, char *text);
/* How much standard error was told so far; -1 if it isn't such a file. */
long ocrvl_said_count(void);

#endif
