#define _DEFAULT_SOURCE /* madvise */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

/* Opens a file for reading; "-" is standard input. */
static ocrvl_status open_path(int *fd, const char *path, ocrvl_error *err)
{
    *fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? ocrvl_fail_errno(err, errno, path) : OCRVL_OK;
}

static ocrvl_status read_all(ocrvl_buf *b, int fd, const char *path, uint64_t max_bytes, bool (*canceled)(void *user),
                             void *user, ocrvl_error *err)
{
    for (;;) {
        size_t step = b->len < 65536 ? 65536 : b->len;
        char *p = ocrvl_buf_reserve(b, step);
        if (!p)
            return ocrvl_fail_nomem(err);
        ssize_t n = read(fd, p, step);
        int e = errno;
        if (canceled && canceled(user))
            return ocrvl_fail(err, OCRVL_E_CANCELED, "%s: canceled", path);
        errno = e;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ocrvl_fail_errno(err, errno, path);
        if (n == 0)
            return OCRVL_OK;
        ocrvl_buf_grew(b, (size_t)n);
        if (b->len > max_bytes)
            return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: there are more than %llu bytes", path,
                              (unsigned long long)max_bytes);
    }
}

ocrvl_status ocrvl_file_read(char **data, size_t *len, const char *path, uint64_t max_bytes, ocrvl_error *err)
{
    return ocrvl_file_read_until(data, len, path, max_bytes, NULL, NULL, err);
}

ocrvl_status ocrvl_file_read_until(char **data, size_t *len, const char *path, uint64_t max_bytes,
                                   bool (*canceled)(void *user), void *user, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    *data = NULL;
    *len = 0;
    int fd;
    ocrvl_status st = open_path(&fd, path, err);
    if (st)
        return st;
    st = read_all(&b, fd, path, max_bytes, canceled, user, err);
    if (fd != STDIN_FILENO)
        close(fd);
    if (st) {
        ocrvl_buf_free(&b);
        return st;
    }
    *data = ocrvl_buf_steal(&b, len);
    return *data ? OCRVL_OK : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_file_map_open(const uint8_t **data, size_t *len, int *opened, const char *path, ocrvl_error *err)
{
    struct stat s;
    *data = NULL;
    *len = 0;
    *opened = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* with O_NONBLOCK a FIFO is refused below instead of
                                                             * blocking here */
    if (fd < 0)
        return ocrvl_fail_errno(err, errno, path);
    ocrvl_status st = OCRVL_OK;
    if (fstat(fd, &s) != 0)
        st = ocrvl_fail_errno(err, errno, path);
    else if (!S_ISREG(s.st_mode))
        st = ocrvl_fail(err, OCRVL_E_IO, "%s: not a regular file", path);
    else if (s.st_size > 0) {
        void *p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED && errno == ENOMEM)
            st = ocrvl_fail(err, OCRVL_E_NOMEM, "%s: its %llu bytes exceed the memory that this process may use", path,
                            (unsigned long long)s.st_size);
        else if (p == MAP_FAILED)
            st = ocrvl_fail_errno(err, errno, path);
        else {
            *data = p;
            *len = (size_t)s.st_size;
        }
    }
    if (st)
        close(fd);
    else
        *opened = fd;
    return st;
}

ocrvl_status ocrvl_file_map(const uint8_t **data, size_t *len, const char *path, ocrvl_error *err)
{
    int fd;
    ocrvl_status st = ocrvl_file_map_open(data, len, &fd, path, err);
    if (!st)
        close(fd);
    return st;
}

void ocrvl_file_unmap(const uint8_t *data, size_t len)
{
    if (data)
        munmap((void *)(uintptr_t)data, len);
}

bool ocrvl_file_exists(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

const char *ocrvl_folder_next(DIR *d, int *error)
{
    errno = 0;
    const struct dirent *e = readdir(d);
    *error = e ? 0 : errno;
    return e ? e->d_name : NULL;
}

ocrvl_status ocrvl_file_check_lfs(const void *data, size_t len, const char *path, ocrvl_error *err)
{
    static const char pointer[] = "version https://git-lfs.github.com/spec/";
    if (len < sizeof pointer - 1 || memcmp(data, pointer, sizeof pointer - 1) != 0)
        return OCRVL_OK;
    return ocrvl_fail(err, OCRVL_E_FORMAT,
                      "%s: a Git LFS pointer, not the file itself: run 'git lfs pull' in its folder", path);
}

char *ocrvl_path_join(const char *dir, const char *name)
{
    ocrvl_buf b = {0};
    ocrvl_buf_puts(&b, dir);
    if (b.len && b.data[b.len - 1] != '/')
        ocrvl_buf_putc(&b, '/');
    ocrvl_buf_puts(&b, name);
    return ocrvl_buf_steal(&b, NULL);
}

void ocrvl_file_forget(const uint8_t *data, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    len -= len % page;
    if (len)
        (void)madvise((void *)(uintptr_t)data, len, MADV_DONTNEED); /* only advice: if it is refused, nothing is lost */
}
