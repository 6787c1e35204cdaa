#include "signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ocrvl.h"

/* Signal handlers take no argument of ours, so what they need is global. */
static const char *_Atomic guarded[CLI_GUARDED];
static ocrvl_session *_Atomic working;
static atomic_bool keeping;
static atomic_int stopped_by; /* 0 means none */
static bool pipe_was_ignored;

static void die(int sig)
{
    for (size_t i = 0; i < CLI_GUARDED; i++) {
        const char *path = atomic_load(&guarded[i]);
        if (path)
            unlink(path);
    }
    signal(sig, SIG_DFL); /* so that the shell sees which signal it was */
    raise(sig);
}

static void stop_or_die(int sig)
{
    int none = 0;
    if (!atomic_load(&keeping) || !atomic_compare_exchange_strong(&stopped_by, &none, sig))
        die(sig);
    ocrvl_session *s = atomic_load(&working);
    if (s)
        ocrvl_session_cancel(s);
}

static void handle(int sig, void (*handler)(int sig))
{
    struct sigaction act;
    memset(&act, 0, sizeof act);
    act.sa_handler = handler;
    act.sa_flags = SA_NODEFER; /* so that raise() in the handler ends the process; without SA_RESTART, so that waiting
                                * for input ends */
    sigemptyset(&act.sa_mask);
    sigaction(sig, &act, NULL);
}

void cli_signals_stop_by(int sig) { handle(sig, stop_or_die); }

/* Where the limit of processor time ends the process without a signal (as `ulimit -t` sets it), a warning comes
 * before. */
static void warn_before_limit(void)
{
    struct rlimit most;
    if (getrlimit(RLIMIT_CPU, &most) != 0 || most.rlim_max == RLIM_INFINITY || most.rlim_cur < most.rlim_max ||
        most.rlim_max < 2)
        return;
    rlim_t early = most.rlim_max / 10;
    most.rlim_cur = most.rlim_max - (early < 1 ? 1 : early > 10 ? 10 : early);
    setrlimit(RLIMIT_CPU, &most);
}

static bool is_ignored(int sig)
{
    struct sigaction old;
    return sigaction(sig, NULL, &old) != 0 || old.sa_handler == SIG_IGN;
}

void cli_signals_install(void)
{
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        if (!is_ignored(deadly[i]))
            cli_signals_stop_by(deadly[i]);
    if (!is_ignored(SIGQUIT))
        handle(SIGQUIT, die); /* who asks for a core wants it of what goes on */
    warn_before_limit();
    pipe_was_ignored = is_ignored(SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large becomes an error of write() as well */
}

void cli_signals_guard(const char *path)
{
    for (size_t i = 0; i < CLI_GUARDED; i++) {
        const char *none = NULL;
        if (atomic_compare_exchange_strong(&guarded[i], &none, path))
            return;
    }
}

void cli_signals_release(const char *path)
{
    for (size_t i = 0; i < CLI_GUARDED; i++)
        if (path && atomic_load(&guarded[i]) == path)
            atomic_store(&guarded[i], NULL);
}

void cli_signals_session(ocrvl_session *s) { atomic_store(&working, s); }

void cli_signals_keep(void) { atomic_store(&keeping, true); }

bool cli_signals_stopped(void) { return atomic_load(&stopped_by) != 0; }

bool cli_signals_canceled(void *user)
{
    (void)user;
    return cli_signals_stopped();
}

void cli_signals_forget(void) { atomic_store(&stopped_by, 0); }

void cli_signals_die_of_stop(void)
{
    if (cli_signals_stopped())
        die(atomic_load(&stopped_by));
}

void cli_signals_die_of_pipe(void)
{
    if (pipe_was_ignored)
        return;
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}
