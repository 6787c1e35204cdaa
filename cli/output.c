#define _DEFAULT_SOURCE /* realpath, flock */

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "signals.h"

struct cli_output {
    int fd;
    int failed;   /* errno of the first write that failed */
    char *target; /* the file that is replaced at the end; NULL if fd is the output itself */
    char *beside; /* the temporary file that fd writes, whose lock it holds, if target isn't NULL */
    size_t used;
    char buf[1 << 16];
};

enum { MOST_BESIDE = 1000 }; /* runs that write one file at a time */

static void output_free(cli_output *o)
{
    ocrvl_free(o->target);
    ocrvl_free(o->beside);
    ocrvl_free(o);
}

/* Whether the open file is still the one that the path names. */
static bool is_at(int fd, const char *path)
{
    struct stat a, b;
    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Whoever writes a temporary file holds its lock: one that can be locked was left by a run that was killed. Returns
 * whether there was a file. */
static bool remove_left(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno != ENOENT;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(fd, path))
        unlink(path);
    close(fd);
    return true;
}

/* Makes and locks the file o->beside. Returns 0, or an errno value: EEXIST if another run writes it. */
static int create_locked(cli_output *o)
{
    cli_signals_guard(o->beside); /* before the file exists, so that no signal comes between */
    o->fd = open(o->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int e = o->fd < 0 ? errno : 0;
    if (!e && flock(o->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        e = EEXIST; /* another run takes it for one that was left, before it had its lock */
    else if (!e && !is_at(o->fd, o->beside))
        e = EEXIST;
    if (e)
        cli_signals_release(o->beside);
    if (e && o->fd >= 0) {
        close(o->fd);
        o->fd = -1;
    }
    return e;
}

/* .NAME.ocrvl-N in the target's folder, in new memory; NULL without memory. */
static char *name_beside(const char *target, unsigned n)
{
    const char *slash = strrchr(target, '/');
    const char *name = slash ? slash + 1 : target;
    ocrvl_buf b = {0};
    ocrvl_buf_put(&b, target, (size_t)(name - target));
    /* 200 bytes of the name, because the whole must stay under 255 */
    ocrvl_buf_printf(&b, ".%.200s.ocrvl-%u", name, n);
    return ocrvl_buf_steal(&b, NULL);
}

/* Runs that wrote at the same time may have left files with higher numbers. */
static void remove_following(const char *target, unsigned n)
{
    for (bool any = true; any && n < MOST_BESIDE; n++) {
        char *path = name_beside(target, n);
        any = path && remove_left(path);
        ocrvl_free(path);
    }
}

/* Makes a new file beside the target, where N counts up past those that other runs write. Those that no run writes
 * any more are removed. */
static int create_beside(cli_output *o)
{
    int e = EEXIST;
    for (unsigned n = 0; n < MOST_BESIDE && e == EEXIST; n++) {
        o->beside = name_beside(o->target, n);
        if (!o->beside)
            return ENOMEM;
        e = create_locked(o);
        if (e == EEXIST) {
            remove_left(o->beside);
            e = create_locked(o);
        }
        if (e) {
            ocrvl_free(o->beside);
            o->beside = NULL;
        } else {
            remove_following(o->target, n + 1);
        }
    }
    return e;
}

/* The file that path names behind any symbolic links; or NULL, with errno set. */
static char *real_file(const char *path)
{
    char *real = realpath(path, NULL);
    if (!real)
        return NULL;
    char *copy = ocrvl_strdup(real);
    free(real);
    if (!copy)
        errno = ENOMEM;
    return copy;
}

/* Opens the file that path names. Returns 0 or an errno value. */
static int open_path(cli_output *o, const char *path)
{
    struct stat s;
    bool exists = stat(path, &s) == 0;
    if (!exists && errno != ENOENT)
        return errno;
    if (exists && S_ISDIR(s.st_mode))
        return EISDIR;
    if (exists && !S_ISREG(s.st_mode)) {
        o->fd = open(path, O_WRONLY | O_CLOEXEC);
        return o->fd < 0 ? errno : 0;
    }
    if (exists && access(path, W_OK) != 0)
        return errno;
    o->target = exists ? real_file(path) : ocrvl_strdup(path);
    if (!o->target)
        return exists ? errno : ENOMEM;
    int e = create_beside(o);
    if (e == 0 && exists && fchmod(o->fd, s.st_mode & 0777) != 0) {
        e = errno;
        unlink(o->beside);
    }
    return e;
}

ocrvl_status cli_output_open(cli_output **out, const char *path, ocrvl_error *err)
{
    *out = NULL;
    cli_output *o = ocrvl_alloc(sizeof *o);
    if (!o)
        return ocrvl_fail_nomem(err);
    o->fd = STDOUT_FILENO;
    int e = path && strcmp(path, "-") != 0 ? open_path(o, path) : 0;
    if (e) {
        cli_signals_release(o->beside);
        if (o->fd > STDERR_FILENO)
            close(o->fd);
        output_free(o);
        return ocrvl_fail_errno(err, e, path);
    }
    *out = o;
    return OCRVL_OK;
}

bool cli_output_is_file(const cli_output *o) { return o->target != NULL; }

static int write_all(cli_output *o, const char *data, size_t len)
{
    while (len > 0 && !o->failed) {
        ssize_t n = write(o->fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            o->failed = errno;
            break;
        }
        data += n;
        len -= (size_t)n;
    }
    return o->failed;
}

/* Returns 0 or an errno value. */
static int write_buffered(cli_output *o)
{
    size_t n = o->used;
    o->used = 0;
    return write_all(o, o->buf, n);
}

ocrvl_status cli_output_flush(cli_output *o, ocrvl_error *err)
{
    int e = write_buffered(o);
    return e ? ocrvl_fail_errno(err, e, "cannot write") : OCRVL_OK;
}

int cli_output_write(void *user, const void *data, size_t len)
{
    cli_output *o = user;
    if (len > sizeof o->buf - o->used && write_buffered(o) != 0)
        return o->failed;
    if (len > sizeof o->buf)
        return write_all(o, data, len);
    if (len > 0)
        memcpy(o->buf + o->used, data, len);
    o->used += len;
    return o->failed;
}

ocrvl_status cli_output_commit(cli_output *o, ocrvl_error *err)
{
    int e = write_buffered(o);
    /* EINVAL and the like mean that the file system has no fsync */
    if (!e && o->target && fsync(o->fd) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EINTR)
        e = errno;
    /* renamed while it is locked; what close() could tell of a file, fsync() has told */
    if (!e && o->target && rename(o->beside, o->target) != 0)
        e = errno;
    if (e && o->target)
        unlink(o->beside);
    if (close(o->fd) != 0 && !e && errno != EINTR)
        e = errno;
    o->fd = -1;
    cli_signals_release(o->beside);
    output_free(o);
    return e ? ocrvl_fail_errno(err, e, "cannot write") : OCRVL_OK;
}

void cli_output_discard(cli_output *o)
{
    if (!o)
        return;
    if (o->target) {
        unlink(o->beside);
        cli_signals_release(o->beside);
    }
    if (o->fd > STDERR_FILENO)
        close(o->fd);
    output_free(o);
}

cli_exit cli_output_failed(const cli_log *log, const char *path, const ocrvl_error *err)
{
    if (err->status == OCRVL_E_IO && err->sys_errno == EPIPE)
        return CLI_EXIT_PIPE;
    bool standard = !path || strcmp(path, "-") == 0;
    cli_error(log, standard ? "standard output" : path, 0, "%s", err->message);
    return cli_exit_of(err->status, CLI_EXIT_OUTPUT);
}

cli_exit cli_output_stopped(const cli_log *log, const char *path, uint64_t count, const char *what)
{
    cli_error(log, path, 0, "a signal ended the run: the output holds %llu finished %s%s", (unsigned long long)count,
              what, count == 1 ? "" : "s");
    return CLI_EXIT_STOPPED;
}

int cli_put_in_buf(void *user, const void *data, size_t len)
{
    ocrvl_buf_put(user, data, len);
    return 0;
}

cli_exit cli_output_buf(const cli_log *log, const ocrvl_buf *b)
{
    cli_output *o;
    ocrvl_error err;
    ocrvl_status st = b->failed ? ocrvl_fail_nomem(&err) : cli_output_open(&o, NULL, &err);
    if (!st) {
        (void)cli_output_write(o, b->data, b->len); /* an error is returned by the commit */
        st = cli_output_commit(o, &err);
    }
    return st ? cli_output_failed(log, NULL, &err) : CLI_EXIT_OK;
}

void cli_output_numbered(ocrvl_buf *b, const char *path, uint64_t number)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t stem = dot && dot > name ? (size_t)(dot - path) : strlen(path);
    ocrvl_buf_put(b, path, stem);
    ocrvl_buf_printf(b, "-%04llu%s", (unsigned long long)number, path + stem);
}

bool cli_same_file(const char *a, const char *b)
{
    struct stat s, t;
    if (!a || !b || strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
        return false;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && S_ISREG(s.st_mode) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}
