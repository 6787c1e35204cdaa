/* The next look at a page, shown to the model while others are answered. Seeing is bound by arithmetic and answering by the
 * reading of weights, so that both at once take less than one after the other. */
#ifndef OCRVL_READ_AHEAD_H
#define OCRVL_READ_AHEAD_H

#include "base/threads.h"
#include "read/page_model.h"

typedef struct ocrvl_ahead {
    ocrvl_session *s;
    ocrvl_errand *errand; /* NULL: none was sent */
    ocrvl_model_page *p;
    size_t look;
    double from, to; /* when it was sent; when it was over: the errand's, as st and err are, until it is taken */
    atomic_bool over, given_up;
    ocrvl_status st;
    ocrvl_error err;
} ocrvl_ahead;

/* Whether it may help: the session has threads for two things at once. */
bool ocrvl_ahead_helps(const ocrvl_session *s);
/* Sends for look i at p, if it can: nothing else is under way. */
void ocrvl_ahead_send(ocrvl_ahead *a, ocrvl_session *s, ocrvl_model_page *p, size_t i);
/* Whether look i at p has been sent for. */
bool ocrvl_ahead_has(const ocrvl_ahead *a, const ocrvl_model_page *p, size_t i);
/* Shares the session's threads out between what is under way and the rest. The rest's part in the machine's work, until the
 * next call. */
double ocrvl_ahead_share(ocrvl_ahead *a);
/* Waits for what was sent for. What it took is added to the page's seconds. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_ahead_take(ocrvl_ahead *a, ocrvl_error *err);
/* Ends what is under way, if it is for this page (NULL: whichever it is for). */
void ocrvl_ahead_give_up(ocrvl_ahead *a, const ocrvl_model_page *p);

#endif
