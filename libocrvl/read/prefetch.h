/* The next tile of a page, shown to the model while others are answered. Encoding is bound by arithmetic and answering
 * by the reading of weights, so that both at once take less than one after the other. */
#ifndef OCRVL_READ_PREFETCH_H
#define OCRVL_READ_PREFETCH_H

#include "base/threads.h"
#include "read/session.h"

typedef struct ocrvl_prefetch {
    ocrvl_session *s;
    ocrvl_thread *thread; /* NULL: nothing is under way */
    ocrvl_page_reading *p;
    size_t tile;
    double from,
        to; /* when it was started; when it was over: both its thread's, as st and err are, until it is taken */
    atomic_bool over;
    ocrvl_cancel_source give_up;
    ocrvl_cancel_token cancel; /* of give_up, since it was started */
    ocrvl_status st;
    ocrvl_error err;
} ocrvl_prefetch;

/* Whether it may help: the session has threads for two things at once. */
bool ocrvl_prefetch_helps(const ocrvl_session *s);
/* Starts on tile i of p, if it can: nothing else is under way. */
void ocrvl_prefetch_start(ocrvl_prefetch *a, ocrvl_session *s, ocrvl_page_reading *p, size_t i);
/* Whether tile i of p was started. */
bool ocrvl_prefetch_has(const ocrvl_prefetch *a, const ocrvl_page_reading *p, size_t i);
/* Shares the session's threads out between what is under way and the rest. The rest's part in the machine's work, until
 * the next call. */
double ocrvl_prefetch_share(ocrvl_prefetch *a);
/* Waits for what was started. What it took is added to the page's seconds. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_prefetch_take(ocrvl_prefetch *a, ocrvl_error *err);
/* Ends what is under way, if it is for this page (NULL: whichever it is for). */
void ocrvl_prefetch_cancel(ocrvl_prefetch *a, const ocrvl_page_reading *p);

#endif
