/* A monotonic clock in seconds, for deadlines and durations. */
#ifndef OCRVL_BASE_CLOCK_H
#define OCRVL_BASE_CLOCK_H

#include <sys/types.h>

double ocrvl_clock(void);
/* The processor time that a process has taken so far, all its threads together; negative if there is none. */
double ocrvl_clock_of(pid_t pid);

#endif
