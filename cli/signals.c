#include "signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
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

void cli_signals_stop_by(int sig)
{
    struct sigaction act;
    memset(&act, 0, sizeof act);
    act.sa_handler = stop_or_die;
    act.sa_flags = SA_NODEFER; /* so that raise() in the handler ends the process; without SA_RESTART, so that waiting
                                * for input ends */
    sigemptyset(&act.sa_mask);
    sigaction(sig, &act, NULL);
}

void cli_signals_install(void)
{
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    struct sigaction old;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        if (sigaction(deadly[i], NULL, &old) != 0 || old.sa_handler == SIG_IGN)
            continue;
        cli_signals_stop_by(deadly[i]);
    }
    pipe_was_ignored = sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
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
