#include "batch/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "names.h"

static const char *const folders[] = {"inputs", "journal", "results", "claims"};

cli_exit batch_no_memory(const cli_log *log)
{
    cli_error(log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

cli_exit batch_store_failed(const batch_store *s, const char *path, int e)
{
    if (e == ENOMEM)
        return batch_no_memory(s->log);
    cli_error(s->log, path, 0, "%s", strerror(e));
    return CLI_EXIT_OUTPUT;
}

void batch_token(char token[BATCH_TOKEN])
{
    unsigned char random[6] = {0};
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!read(fd, random, sizeof random);
        close(fd);
    }
    snprintf(token, BATCH_TOKEN, "%02x%02x%02x%02x%02x%02x", random[0], random[1], random[2], random[3], random[4],
             random[5]);
}

void batch_name_process(char *name, size_t size, long pid, const char *token)
{
    char host[65] = "host";
    if (gethostname(host, sizeof host - 1) != 0)
        memcpy(host, "host", 5);
    for (char *p = host; *p; p++)
        if (*p == '/' || *p == '.' || (unsigned char)*p <= ' ')
            *p = '-';
    snprintf(name, size, "%.64s.%ld.%s", host, pid, token);
}

char *batch_store_path(const batch_store *s, const char *folder, const char *name)
{
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "%s/%s%s%s", s->base, folder, *folder && *name ? "/" : "", name);
    char *path = ocrvl_buf_steal(&b, NULL);
    if (!path)
        (void)batch_no_memory(s->log);
    return path;
}

cli_exit batch_sync_folder(const batch_store *s, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), e = fd < 0 ? errno : 0;
    /* EINVAL and the like mean that the file system has no fsync of folders */
    if (!e && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EBADF)
        e = errno;
    if (fd >= 0)
        close(fd);
    return e ? batch_store_failed(s, path, e) : CLI_EXIT_OK;
}

static cli_exit make_folders(const batch_store *s)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !status; i++) {
        char *path = batch_store_path(s, folders[i], "x");
        int e = path ? cli_make_folders(path) : ENOMEM;
        if (e)
            status = path ? batch_store_failed(s, s->out, e) : CLI_EXIT_LIMIT;
        ocrvl_free(path);
    }
    if (!status)
        status = batch_sync_folder(s, s->base);
    return status ? status : batch_sync_folder(s, s->out);
}

cli_exit batch_store_open(batch_store *s, const char *out, bool make, const cli_log *log)
{
    char token[BATCH_TOKEN];
    *s = (batch_store){.log = log, .out = out};
    s->base = ocrvl_path_join(out, ".ocrvl");
    if (!s->base)
        return batch_no_memory(log);
    batch_token(token);
    batch_name_process(s->self, sizeof s->self, (long)getpid(), token);
    if (make)
        return make_folders(s);
    struct stat st;
    if (stat(s->base, &st) == 0)
        return CLI_EXIT_OK;
    cli_error(log, out, 0, errno == ENOENT ? "'ocrvl batch run' has not been started in this folder" : "%s",
              strerror(errno));
    return CLI_EXIT_USAGE;
}

void batch_store_free(batch_store *s)
{
    ocrvl_free(s->base);
    s->base = NULL;
}

/* ---- files that grow --------------------------------------------------------------------------------- */

cli_exit batch_file_create(batch_file *f, const batch_store *s, const char *folder, const char *name)
{
    uint64_t end = 0;
    char *dir = batch_store_path(s, folder, "");
    f->path = batch_store_path(s, folder, name);
    cli_exit status = dir && f->path ? CLI_EXIT_OK : CLI_EXIT_LIMIT;
    if (!status) {
        struct stat st;
        f->fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        end = f->fd >= 0 && fstat(f->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
        status = f->fd < 0 ? batch_store_failed(s, f->path, errno) : batch_sync_folder(s, dir);
    }
    if (status && f->path && f->fd <= 0) {
        ocrvl_free(f->path);
        f->path = NULL;
    }
    f->end = end;
    f->dirty = false;
    ocrvl_free(dir);
    return status;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR)
            return errno;
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

cli_exit batch_file_append(batch_file *f, const batch_store *s, const void *data, size_t len)
{
    int e = write_all(f->fd, data, len);
    f->dirty = true;
    f->end += len;
    return e ? batch_store_failed(s, f->path, e) : CLI_EXIT_OK;
}

cli_exit batch_file_sync(batch_file *f, const batch_store *s)
{
    if (!f->path || !f->dirty)
        return CLI_EXIT_OK;
    int e = 0;
    while (fdatasync(f->fd) != 0 && (e = errno) == EINTR)
        ;
    f->dirty = false;
    return e && e != EINTR && e != EINVAL && e != ENOTSUP ? batch_store_failed(s, f->path, e) : CLI_EXIT_OK;
}

void batch_file_close(batch_file *f)
{
    if (f->path)
        close(f->fd);
    ocrvl_free(f->path);
    *f = (batch_file){0};
}

cli_exit batch_store_make(const batch_store *s, const char *name, const char *data, size_t len, bool replace,
                          bool *made)
{
    batch_file f = {0};
    char own[160], *path = batch_store_path(s, "", name);
    *made = false;
    if (!path)
        return CLI_EXIT_LIMIT;
    snprintf(own, sizeof own, ".%s", s->self);
    cli_exit status = batch_file_create(&f, s, "", own);
    if (!status)
        status = batch_file_append(&f, s, data, len);
    if (!status)
        status = batch_file_sync(&f, s);
    if (!status) {
        struct stat st; /* NFS may say EEXIST of a link that was made */
        int rc = replace ? rename(f.path, path) : link(f.path, path), e = errno;
        *made = rc == 0 || (fstat(f.fd, &st) == 0 && st.st_nlink == 2);
        if (!*made && e != EEXIST)
            status = batch_store_failed(s, path, e);
    }
    if (f.path)
        unlink(f.path);
    batch_file_close(&f);
    ocrvl_free(path);
    return status ? status : batch_sync_folder(s, s->base);
}

int batch_read_at(ocrvl_buf *b, const char *path, uint64_t offset, size_t len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), e = 0;
    if (fd < 0)
        return errno;
    char *to = ocrvl_buf_reserve(b, len);
    if (!to)
        e = ENOMEM;
    for (size_t at = 0; at < len && !e;) {
        ssize_t n = pread(fd, to + at, len - at, (off_t)(offset + at));
        if (n < 0 && errno == EINTR)
            continue;
        e = n < 0 ? errno : n == 0 ? EIO : 0;
        at += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (!e)
        ocrvl_buf_grew(b, len);
    return e;
}
