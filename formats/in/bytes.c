#define _GNU_SOURCE /* memfd_create */

#include "in/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

ocrvl_status ocrvl_bytes_name_error(const char *name, ocrvl_status st, ocrvl_error *err)
{
    if (st && err) {
        ocrvl_error was = *err;
        ocrvl_fail(err, st, "%s: %s", name, was.message);
        err->sys_errno = was.sys_errno;
        err->offset = was.offset;
    }
    return st;
}

ocrvl_status ocrvl_bytes_get(ocrvl_bytes *b, const char *path, bool url, const ocrvl_url_options *opt, const char *name,
                             ocrvl_error *err)
{
    char *read;
    ocrvl_status st;
    if (!url && strcmp(path, "-") != 0 && ocrvl_file_exists(path)) {
        b->holding = OCRVL_BYTES_MAPPED;
        st = ocrvl_file_map_open(&b->data, &b->len, &b->fd, path, err);
        b->open = !st;
        return st;
    }
    if (url)
        st = ocrvl_bytes_name_error(name, ocrvl_url_read(&read, &b->len, path, opt, err), err);
    else
        st = ocrvl_file_read_until(&read, &b->len, path, opt->max_bytes, opt->canceled, opt->canceled_user, err);
    if (st == OCRVL_OK) {
        b->holding = OCRVL_BYTES_OWNED;
        b->data = (const uint8_t *)read;
    }
    return st;
}

/* A file in memory with the bytes; -1: errno says why there is none. */
static int copy_to_memory(const ocrvl_bytes *b)
{
    int fd = memfd_create("ocrvl document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t at = 0;
    for (ssize_t n = 0; fd >= 0 && at < b->len && n >= 0; at += (size_t)n)
        while ((n = write(fd, b->data + at, b->len - at)) < 0 && errno == EINTR)
            ;
    if (fd >= 0 && at < b->len) {
        int e = errno;
        close(fd);
        errno = e;
        return -1;
    }
    if (fd >= 0)
        (void)fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return fd;
}

/* Bytes that are in memory twice needn't be: the file is mapped, and the copy goes. */
static void map_instead(ocrvl_bytes *b)
{
    void *p =
        b->holding == OCRVL_BYTES_OWNED && b->len ? mmap(NULL, b->len, PROT_READ, MAP_PRIVATE, b->fd, 0) : MAP_FAILED;
    if (p == MAP_FAILED)
        return;
    ocrvl_free((void *)(uintptr_t)b->data);
    b->data = p;
    b->holding = OCRVL_BYTES_MAPPED;
}

ocrvl_status ocrvl_bytes_file(ocrvl_bytes *b, int *fd, ocrvl_error *err)
{
    if (!b->open) {
        b->fd = copy_to_memory(b);
        b->open = b->fd >= 0;
        if (b->open)
            map_instead(b);
    }
    *fd = b->open ? b->fd : -1;
    return b->open ? OCRVL_OK : ocrvl_fail_errno(err, errno, "the document in memory");
}

void ocrvl_bytes_free(ocrvl_bytes *b)
{
    if (b->open)
        close(b->fd);
    if (b->holding == OCRVL_BYTES_MAPPED)
        ocrvl_file_unmap(b->data, b->len);
    if (b->holding == OCRVL_BYTES_OWNED)
        ocrvl_free((void *)(uintptr_t)b->data);
    memset(b, 0, sizeof *b);
}
