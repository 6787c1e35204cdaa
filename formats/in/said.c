#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */

#include "in/said.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

bool ocrvl_said_new(int *fd)
{
    *fd = memfd_create("ocrvl said", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0)
        return false;
    if (ftruncate(*fd, OCRVL_SAID_BYTES) == 0 && fcntl(*fd, F_ADD_SEALS, SEALS) == 0)
        return true;
    int e = errno;
    close(*fd);
    *fd = -1;
    errno = e;
    return false;
}

void ocrvl_said_listen(int fd)
{
    dup2(fd, STDERR_FILENO);
#ifdef __GLIBC__ /* where the stream is a variable that a program may have set (cli/stderr.c) */
    FILE *f = fdopen(STDERR_FILENO, "w");
    if (!f)
        return;
    setvbuf(f, NULL, _IONBF, 0);
    stderr = f;
#endif
}

static void read_from(int fd, long from, char *text)
{
    ssize_t n = pread(fd, text, OCRVL_SAID_BYTES, from);
    size_t len = n > 0 ? (size_t)n : 0;
    for (char *nul; (nul = memchr(text, '\0', len));)
        *nul = ' ';
    text[len] = '\0';
}

void ocrvl_said_read(int fd, char *text) { read_from(fd, 0, text); }

void ocrvl_said_since(long from, char *text)
{
    text[0] = '\0';
    if (from >= 0 && ocrvl_said_count() > from)
        read_from(STDERR_FILENO, from, text);
}

long ocrvl_said_count(void)
{
    return fcntl(STDERR_FILENO, F_GET_SEALS) == SEALS ? (long)lseek(STDERR_FILENO, 0, SEEK_CUR) : -1;
}
