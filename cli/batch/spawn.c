#define _GNU_SOURCE /* pipe2 */

#include "batch/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/* In the child, until the program begins anew. */
static void become(char *const *argv, pid_t parent)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) /* or it has died meanwhile */
        execv("/proc/self/exe", argv);
    _exit(BATCH_NOT_STARTED);
}

cli_exit batch_spawn(batch_child *child, const batch_store *store, char *const *words, size_t count)
{
    static char program[] = "ocrvl", batch[] = "batch", work[] = "work";
    char token[BATCH_TOKEN];
    int fds[2];
    char **argv = ocrvl_alloc_array(count + 5, sizeof *argv);
    *child = (batch_child){0};
    if (!argv)
        return batch_no_memory(store->log);
    batch_token(token);
    argv[0] = program;
    argv[1] = batch;
    argv[2] = work;
    argv[3] = token;
    memcpy(argv + 4, words, count * sizeof *argv);
    if (pipe2(fds, O_CLOEXEC) != 0) {
        ocrvl_free(argv);
        return batch_store_failed(store, "pipe", errno);
    }
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        fcntl(fds[1], F_SETFD, 0); /* stays open as long as the child lives */
        become(argv, self);
    }
    int e = errno;
    ocrvl_free(argv);
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return batch_store_failed(store, "fork", e);
    }
    *child = (batch_child){.pid = pid, .pipe = fds[0]};
    batch_name_process(child->name, sizeof child->name, (long)pid, token);
    return CLI_EXIT_OK;
}

bool batch_child_ended(batch_child *child, int *status)
{
    if (!child->pid || waitpid(child->pid, status, WNOHANG) != child->pid)
        return false;
    close(child->pipe);
    child->pid = 0;
    return true;
}
