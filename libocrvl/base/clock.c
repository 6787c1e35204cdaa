#include "base/clock.h"

#include <time.h>

static double seconds(const struct timespec *t) { return (double)t->tv_sec + 1e-9 * (double)t->tv_nsec; }

double ocrvl_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return seconds(&t);
}

double ocrvl_clock_of(pid_t pid)
{
    struct timespec t;
    clockid_t id;
    return clock_getcpuclockid(pid, &id) == 0 && clock_gettime(id, &t) == 0 ? seconds(&t) : -1;
}
