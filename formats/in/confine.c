/* Three fences, each of which holds where another has a hole: Landlock (what can be opened, bound, signalled), a
 * seccomp filter (which calls the kernel answers; EPERM, so that a library that only tries goes on without), and
 * limits of resources. The filter names what is refused: a list of what is allowed would differ between versions of
 * libc, GLib and codecs, and a page would silently lose what a refused call was to bring. */
#define _GNU_SOURCE /* syscall, O_PATH, CLONE_THREAD */

#include "in/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <seccomp.h>

#include "in/fontdirs.h"

#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { MOST_FILES = 256 };

/* What this process, of one thread, may ordinarily have of address space; 0: it isn't confined. */
static _Thread_local uint64_t ordinary_space;

bool ocrvl_confine_is_sanitized(void) { return SANITIZED; }

/* ---- Landlock ---------------------------------------------------------------------------------------- */

/* As the newest kernels have it; older ones are told the size of their part. */
typedef struct ruleset {
    uint64_t files, net, scoped;
} ruleset;

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

static int landlock_version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* All that this version of Landlock can refuse. */
static int new_rules(int version)
{
    /* 13 kinds of access; moving files, cutting them off, ioctl of devices came later, as did connecting and binding,
     * and signals and abstract sockets. */
    ruleset r = {.files = (1u << 13) - 1};
    r.files |= version >= 2 ? 1u << 13 : 0;
    r.files |= version >= 3 ? 1u << 14 : 0;
    r.files |= version >= 5 ? 1u << 15 : 0;
    r.net = version >= 4 ? 3 : 0;
    r.scoped = version >= 6 ? 3 : 0;
    size_t size = version >= 6 ? sizeof r : version >= 4 ? offsetof(ruleset, scoped) : offsetof(ruleset, net);
    return (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
}

/* Lets a file, or a folder with all that is in it, be read. */
static void allow(void *user, const char *path)
{
    const ocrvl_confinement *c = user;
    struct stat s;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &s) == 0) {
        struct landlock_path_beneath_attr rule = {READING, fd};
        if (!S_ISDIR(s.st_mode))
            rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
        (void)syscall(SYS_landlock_add_rule, c->rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    close(fd);
}

void ocrvl_confinement_prepare(ocrvl_confinement *c, bool fonts)
{
    /* Public data of the system: poppler-data, fonts that folders of fonts link to, character sets (gconv), codecs that
     * are loaded late, time zones, the number of processors. */
    static const char *const open_to_all[] = {"/usr/share",
                                              "/usr/local/share",
                                              "/usr/lib",
                                              "/usr/lib64",
                                              "/usr/local/lib",
                                              "/lib",
                                              "/lib64",
                                              "/etc/fonts",
                                              "/etc/ld.so.cache",
                                              "/etc/localtime",
                                              "/dev/null",
                                              "/dev/urandom",
                                              "/sys/devices/system/cpu"};
    int version = landlock_version();
    c->rules = version > 0 ? new_rules(version) : -1;
    for (size_t i = 0; i < sizeof open_to_all / sizeof *open_to_all; i++)
        allow(c, open_to_all[i]);
    if (fonts)
        ocrvl_fontdirs(allow, c);
}

void ocrvl_confinement_free(ocrvl_confinement *c)
{
    if (c->rules >= 0)
        close(c->rules);
    c->rules = -1;
}

/* ---- seccomp ----------------------------------------------------------------------------------------- */

static const int refused[] = {
    /* the network, and sockets to other processes */
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept),
    SCMP_SYS(accept4),
    /* other programs and processes */
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(kill), SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise), SCMP_SYS(kcmp), SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(shmget), SCMP_SYS(shmat),
    SCMP_SYS(msgget), SCMP_SYS(semget), SCMP_SYS(mq_open), SCMP_SYS(setpriority), SCMP_SYS(setpgid), SCMP_SYS(setsid),
    /* the file system beyond what Landlock sees */
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(chmod), SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(lchown), SCMP_SYS(fchownat), SCMP_SYS(utimensat),
    SCMP_SYS(setxattr), SCMP_SYS(fsetxattr), SCMP_SYS(lsetxattr), SCMP_SYS(open_by_handle_at), SCMP_SYS(move_mount),
    SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mknod), SCMP_SYS(mknodat),
    /* parts of the kernel that have had holes, and the machine's own settings */
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register), SCMP_SYS(userfaultfd), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl),
    SCMP_SYS(fanotify_init), SCMP_SYS(inotify_init1), SCMP_SYS(quotactl), SCMP_SYS(acct), SCMP_SYS(swapon),
    SCMP_SYS(swapoff), SCMP_SYS(reboot), SCMP_SYS(kexec_load), SCMP_SYS(init_module), SCMP_SYS(finit_module),
    SCMP_SYS(delete_module), SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime), SCMP_SYS(adjtimex), SCMP_SYS(syslog), SCMP_SYS(personality)};

static void filter_calls(void)
{
    uint32_t eperm = SCMP_ACT_ERRNO(EPERM);
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    if (!f)
        return;
    /* A call that this machine's kernel hasn't got can't be added, and needn't be. */
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        (void)seccomp_rule_add(f, eperm, refused[i], 0);
    (void)seccomp_rule_add(f, eperm, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
    (void)seccomp_rule_add(f, eperm, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0));
    /* Threads are allowed, processes aren't. What clone3 is to do can't be seen; libc then does without it. */
    (void)seccomp_rule_add(f, eperm, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    (void)seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    (void)seccomp_load(f);
    seccomp_release(f);
}

/* ---- limits ------------------------------------------------------------------------------------------ */

static void limit(int what, uint64_t most)
{
    struct rlimit r;
    if (getrlimit(what, &r) != 0 || (r.rlim_max != RLIM_INFINITY && r.rlim_max <= most))
        return;
    r.rlim_cur = r.rlim_max = (rlim_t)most;
    (void)setrlimit(what, &r);
}

/* Bytes of address space that the process has: the program, its libraries and what is mapped already. */
static uint64_t taken_space(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return UINT64_C(1) << 30;
    int n = fscanf(f, "%llu", &pages);
    fclose(f);
    return n == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : UINT64_C(1) << 30;
}

static uint64_t sum(uint64_t a, uint64_t b) { return a < UINT64_MAX - b ? a + b : UINT64_MAX; }

void ocrvl_confine_room(uint64_t bytes)
{
    struct rlimit r;
    if (!ordinary_space || getrlimit(RLIMIT_AS, &r) != 0)
        return;
    uint64_t room = sum(ordinary_space, bytes);
    if (bytes && room < r.rlim_cur)
        return;
    r.rlim_cur = room < r.rlim_max ? (rlim_t)room : r.rlim_max;
    (void)setrlimit(RLIMIT_AS, &r);
}

void ocrvl_confine(const ocrvl_confinement *c, uint64_t memory, uint64_t most)
{
    uint64_t has = taken_space();
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, MOST_FILES);
    limit(RLIMIT_FSIZE, most); /* which holds for files in memory too */
    if (!SANITIZED) {          /* which reserves terabytes */
        limit(RLIMIT_AS, sum(has, most));
        ordinary_space = sum(has, memory);
        ocrvl_confine_room(0);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return;
    if (c->rules >= 0)
        (void)syscall(SYS_landlock_restrict_self, c->rules, 0);
    filter_calls();
}

void ocrvl_confine_seconds(double seconds)
{
    enum { SLACK = 5 };
    struct rusage u;
    struct rlimit r;
    if (getrusage(RUSAGE_SELF, &u) != 0 || getrlimit(RLIMIT_CPU, &r) != 0)
        return;
    double used = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 2; /* the fractions of both */
    r.rlim_cur = (rlim_t)fmin(used + ceil(seconds) + SLACK, 1e9);
    if (r.rlim_max == RLIM_INFINITY || r.rlim_cur < r.rlim_max)
        (void)setrlimit(RLIMIT_CPU, &r);
}

const char *ocrvl_confinement_lack(void)
{
    if (landlock_version() <= 0)
        return "this kernel has no Landlock: the processes that decode documents are not kept from opening files";
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return "this kernel has no seccomp: the processes that decode documents are not kept from the network";
    return NULL;
}
