#include "signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Signal handlers take no argument of ours, so what they need is kept here. */
static const char *_Atomic guarded;
static bool pipe_was_ignored;

static void die(int sig)
{
    const char *path = atomic_load(&guarded);
    if (path)
        unlink(path);
    signal(sig, SIG_DFL); /* and the shell sees which signal it was */
    raise(sig);
}

void cli_signals_install(void)
{
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction old, act;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        if (sigaction(deadly[i], NULL, &old) != 0 || old.sa_handler == SIG_IGN)
            continue;
        memset(&act, 0, sizeof act);
        act.sa_handler = die;
        act.sa_flags = SA_NODEFER; /* so that raise() in the handler ends us */
        sigemptyset(&act.sa_mask);
        sigaction(deadly[i], &act, NULL);
    }
    pipe_was_ignored = sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file too large is an error of write() as well */
}

void cli_signals_guard(const char *path) { atomic_store(&guarded, path); }

void cli_signals_release(void) { atomic_store(&guarded, NULL); }

void cli_signals_die_of_pipe(void)
{
    if (pipe_was_ignored)
        return;
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}
