#define _XOPEN_SOURCE 700

#include "batch/claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

enum { MOST = 1024 }; /* bytes of a claim */

/* ---- processes of this machine ----------------------------------------------------------------------- */

/* The machine since it was started, and the name space of process numbers: "BOOT/pid:[N]". Empty if they aren't known.
 */
static void put_machine(char *s, size_t size)
{
    char boot[64] = "", space[64] = "";
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, boot, sizeof boot - 1) : -1;
    if (fd >= 0)
        close(fd);
    boot[n > 0 ? (size_t)n : 0] = '\0';
    boot[strcspn(boot, "\n")] = '\0';
    n = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    space[n > 0 ? (size_t)n : 0] = '\0';
    s[0] = '\0';
    if (*boot && *space)
        snprintf(s, size, "%s/%s", boot, space);
}

/* When the process was started, in the kernel's ticks: a number that is used again has another. 0: there is none, or it
 * is dead and nobody has asked how it ended. */
static unsigned long long start_of(long pid)
{
    char path[64], stat[1024] = "";
    unsigned long long start = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, stat, sizeof stat - 1) : -1;
    if (fd >= 0)
        close(fd);
    const char *p = n > 0 ? strrchr(stat, ')') : NULL; /* the name before it may hold anything */
    if (p && p[1] && (p[2] == 'Z' || p[2] == 'X'))
        return 0;
    for (int field = 2; p && field < 22; field++) /* the 22nd */
        p = strchr(p + 1, ' ');
    if (p)
        start = strtoull(p + 1, NULL, 10);
    return start;
}

/* Whether a claim's text is of a process of this machine that is gone. */
static bool is_gone(const char *text, size_t len)
{
    ocrvl_json *o;
    char machine[160];
    int64_t pid = 0, start = 0;
    if (ocrvl_json_parse(&o, text, len, "claim", NULL))
        return false;
    put_machine(machine, sizeof machine);
    const char *its = ocrvl_json_string(ocrvl_json_get(o, "machine"), NULL);
    bool known = its && *machine && strcmp(its, machine) == 0 && ocrvl_json_int(ocrvl_json_get(o, "pid"), &pid) &&
                 ocrvl_json_int(ocrvl_json_get(o, "start"), &start);
    ocrvl_json_free(o);
    return known && start_of((long)pid) != (unsigned long long)start;
}

/* ---- claims ------------------------------------------------------------------------------------------ */

cli_exit batch_claim_open(batch_claim *c, const batch_store *store, const char *name, long pid, double lease)
{
    char file[200], machine[160];
    *c = (batch_claim){.store = store, .fd = -1, .lease = lease};
    snprintf(file, sizeof file, ".%.180s", name);
    c->own = batch_store_path(store, "claims", file);
    if (!c->own)
        return CLI_EXIT_LIMIT;
    c->fd = open(c->own, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    put_machine(machine, sizeof machine);
    if (c->fd < 0 || dprintf(c->fd, "{\"holder\":\"%s\",\"machine\":\"%s\",\"pid\":%ld,\"start\":%llu}\n", name,
                             machine, pid, start_of(pid)) < 0)
        return batch_store_failed(store, c->own, errno);
    return CLI_EXIT_OK;
}

void batch_claim_touch(const batch_claim *c)
{
    if (c->own)
        (void)futimens(c->fd, NULL); /* the file system's clock; if it fails, the lease runs out */
}

/* Whether the file is a claim that nobody keeps alive; *of is the file as it is now. */
static bool is_stale(const batch_claim *c, const char *path, struct stat *of)
{
    struct stat now;
    char text[MOST];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 && fstat(fd, of) == 0 ? read(fd, text, sizeof text) : -1;
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    if (is_gone(text, (size_t)n))
        return true;
    batch_claim_touch(c);
    return fstat(c->fd, &now) == 0 && difftime(now.st_mtime, of->st_mtime) > c->lease;
}

/* Takes a stale claim away. Of several that try only one succeeds; a claim that was made anew meanwhile is put back. */
static bool take_away(const batch_claim *c, const char *path, const struct stat *stale)
{
    struct stat got;
    char name[220];
    snprintf(name, sizeof name, ".stale.%.180s", c->store->self);
    char *aside = batch_store_path(c->store, "claims", name);
    bool done = aside && rename(path, aside) == 0;
    if (done && stat(aside, &got) == 0 && (got.st_ino != stale->st_ino || got.st_dev != stale->st_dev)) {
        (void)!link(aside, path);
        done = false;
    }
    if (aside)
        unlink(aside);
    ocrvl_free(aside);
    return done;
}

/* Links the own file to path; NFS may say that the link is there although it made it. */
static bool link_own(const batch_claim *c, const char *path)
{
    struct stat own;
    return link(c->own, path) == 0 || (errno == EEXIST && fstat(c->fd, &own) == 0 && own.st_nlink == 2);
}

cli_exit batch_claim_take(batch_claim *c, const char *unit, bool *got)
{
    struct stat stale;
    char *path = batch_store_path(c->store, "claims", unit);
    cli_exit status = path ? CLI_EXIT_OK : CLI_EXIT_LIMIT;
    *got = false;
    if (!status) {
        batch_claim_touch(c);
        *got = link_own(c, path);
        int e = errno;
        if (!*got && e == EEXIST && is_stale(c, path, &stale) && take_away(c, path, &stale))
            *got = link_own(c, path);
        else if (!*got && e != EEXIST)
            status = batch_store_failed(c->store, path, e);
    }
    if (*got)
        c->held = path;
    else
        ocrvl_free(path);
    return status;
}

bool batch_claim_is_held(batch_claim *c, const char *unit)
{
    struct stat st;
    char *path = batch_store_path(c->store, "claims", unit);
    bool held = path && stat(path, &st) == 0 && !is_stale(c, path, &st);
    ocrvl_free(path);
    return held;
}

void batch_claim_release(batch_claim *c)
{
    struct stat own, theirs;
    if (!c->held)
        return;
    if (fstat(c->fd, &own) == 0 && stat(c->held, &theirs) == 0 && own.st_ino == theirs.st_ino &&
        own.st_dev == theirs.st_dev)
        unlink(c->held);
    ocrvl_free(c->held);
    c->held = NULL;
}

void batch_claim_close(batch_claim *c)
{
    batch_claim_release(c);
    if (c->own && c->fd >= 0)
        close(c->fd);
    if (c->own)
        unlink(c->own);
    ocrvl_free(c->own);
    *c = (batch_claim){.fd = -1};
}

bool batch_claims_others(const batch_claim *c)
{
    char *folder = batch_store_path(c->store, "claims", "");
    const char *slash = strrchr(c->own, '/'), *own = slash ? slash + 1 : c->own;
    DIR *d = folder ? opendir(folder) : NULL;
    bool others = !d;
    int error = 0;
    for (const char *name; !others && (name = ocrvl_folder_next(d, &error));) {
        struct stat st;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, own) == 0)
            continue;
        char *path = batch_store_path(c->store, "claims", name);
        others = !path || (stat(path, &st) == 0 && !is_stale(c, path, &st));
        ocrvl_free(path);
    }
    others |= error != 0;
    if (d)
        closedir(d);
    ocrvl_free(folder);
    return others;
}

void batch_claims_clean(const batch_store *store)
{
    char *path = batch_store_path(store, "claims", "");
    DIR *d = path ? opendir(path) : NULL;
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        char text[MOST];
        int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : -1;
        if (fd >= 0)
            close(fd);
        if (n > 0 && is_gone(text, (size_t)n))
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        closedir(d);
    ocrvl_free(path);
}
