/* A monotonic clock in seconds, for deadlines and durations. */
#ifndef OCRVL_BASE_CLOCK_H
#define OCRVL_BASE_CLOCK_H

double ocrvl_clock(void);

#endif
