/* Preloaded into ocrvl by tests/scale/power and tests/scale/hosts.
 *
 * POWER_LOG, POWER_ROOT: what is done to files below the root is written down, in order, for power.py to replay as far
 * as a power cut lets it: writes with their bytes and places, names, and what was synced. CLOCK_AHEAD: the clock of the
 * day is so many seconds ahead. NFS_LIES: link() says that the name is there although it has made it, every other time;
 * and whoever opens another one's journal sees it as it was when it was opened first within the last second. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int log_fd = -1;
static const char *root;
static long ahead;
static int lies;

__attribute__((constructor)) static void begin(void)
{
    const char *log = getenv("POWER_LOG"), *clock = getenv("CLOCK_AHEAD");
    root = getenv("POWER_ROOT");
    ahead = clock ? strtol(clock, NULL, 10) : 0;
    lies = getenv("NFS_LIES") != NULL;
    if (log && root)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void put(const char *head, const void *data, size_t len)
{
    struct iovec v[2] = {{(void *)head, strlen(head)}, {(void *)data, len}};
    if (syscall(SYS_writev, log_fd, v, len ? 2 : 1) < 0)
        _exit(99);
}

static int is_below(const char *path)
{
    return log_fd >= 0 && strncmp(path, root, strlen(root)) == 0 && !strstr(path, "/claims/");
}

static int path_of(int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
    path[n > 0 ? n : 0] = '\0';
    return is_below(path);
}

static unsigned long inode(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

/* ---- what is seen ------------------------------------------------------------------------------------ */

static int old_view(const char *path, int fd)
{
    static struct view {
        char path[512];
        time_t since;
        off_t size;
    } views[64];
    struct timespec now;
    struct stat st;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    for (int i = 0; i < 64 && fstat(fd, &st) == 0; i++) {
        struct view *v = &views[i];
        if (v->path[0] && strcmp(v->path, path) != 0)
            continue;
        if (!v->path[0] || now.tv_sec - v->since > 1) {
            snprintf(v->path, sizeof v->path, "%s", path);
            v->since = now.tv_sec;
            v->size = st.st_size;
        }
        int copy = (int)syscall(SYS_memfd_create, "old", MFD_CLOEXEC);
        for (off_t at = 0; copy >= 0 && at < v->size;) {
            char piece[65536];
            size_t want = v->size - at < (off_t)sizeof piece ? (size_t)(v->size - at) : sizeof piece;
            long n = syscall(SYS_pread64, fd, piece, want, at);
            if (n <= 0 || syscall(SYS_write, copy, piece, n) != n)
                break;
            at += n;
        }
        if (copy < 0)
            return fd;
        syscall(SYS_close, fd);
        syscall(SYS_lseek, copy, 0, SEEK_SET);
        return copy;
    }
    return fd;
}

/* Whether it is the journal of another host: a client sees at once what it has written itself. */
static int is_of_others(const char *path)
{
    char own[300] = "/journal/";
    if (gethostname(own + 9, 256) != 0)
        return 0;
    strcat(own, ".");
    return strstr(path, "/journal/") && !strstr(path, own);
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? (mode_t)va_arg(args, int) : 0;
    va_end(args);
    struct stat st;
    int fresh = flags & O_CREAT && is_below(path) && stat(path, &st) != 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
    if (fd >= 0 && fresh) {
        char head[1200];
        snprintf(head, sizeof head, "C\t%lu\t%s\t0\n", inode(fd), path);
        put(head, NULL, 0);
    }
    if (fd >= 0 && lies && (flags & O_ACCMODE) == O_RDONLY && is_of_others(path))
        fd = old_view(path, fd);
    return fd;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_REALTIME && rc == 0)
        t->tv_sec += ahead;
    return rc;
}

time_t time(time_t *out)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (out)
        *out = t.tv_sec;
    return t.tv_sec;
}

/* ---- what is done ------------------------------------------------------------------------------------ */

ssize_t write(int fd, const void *data, size_t len)
{
    char path[1024], head[64];
    int logged = log_fd >= 0 && fd > 2 && path_of(fd, path, sizeof path);
    long n = syscall(SYS_write, fd, data, len);
    if (logged && n > 0) {
        long at = syscall(SYS_lseek, fd, 0, SEEK_CUR) - n;
        snprintf(head, sizeof head, "W\t%lu\t%ld\t%ld\n", inode(fd), at, n);
        put(head, data, (size_t)n);
    }
    return n;
}

static int synced(int fd, int rc)
{
    char path[1024], head[1200];
    if (rc == 0 && log_fd >= 0 && path_of(fd, path, sizeof path)) {
        snprintf(head, sizeof head, "S\t%lu\t%s\t0\n", inode(fd), path);
        put(head, NULL, 0);
    }
    return rc;
}

int fsync(int fd) { return synced(fd, (int)syscall(SYS_fsync, fd)); }

int fdatasync(int fd) { return synced(fd, (int)syscall(SYS_fdatasync, fd)); }

static int named(char what, const char *a, const char *b, int rc)
{
    char head[2400];
    if (rc == 0 && (is_below(a) || is_below(b))) {
        snprintf(head, sizeof head, "%c\t%s\t%s\t0\n", what, a, b);
        put(head, NULL, 0);
    }
    return rc;
}

int rename(const char *a, const char *b)
{
    return named('R', a, b, (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 0));
}

int link(const char *a, const char *b)
{
    static unsigned count;
    int rc = named('L', a, b, (int)syscall(SYS_linkat, AT_FDCWD, a, AT_FDCWD, b, 0));
    if (rc == 0 && lies && count++ % 2 == 0) {
        errno = EEXIST;
        return -1;
    }
    return rc;
}

int unlink(const char *a) { return named('U', a, a, (int)syscall(SYS_unlinkat, AT_FDCWD, a, 0)); }

int unlinkat(int dir, const char *name, int flags)
{
    char path[2100];
    long rc = syscall(SYS_unlinkat, dir, name, flags);
    if (rc == 0 && log_fd >= 0 && path_of(dir, path, 1024)) {
        strcat(path, "/");
        strncat(path, name, 1000);
        named('U', path, path, 0);
    }
    return (int)rc;
}

int mkdir(const char *a, mode_t mode) { return named('M', a, a, (int)syscall(SYS_mkdirat, AT_FDCWD, a, mode)); }
