/* What questions are about: pictures as a page model is shown them, and what is known of them from one question to the
 * next. */
#ifndef OCRVL_READ_INQUIRY_H
#define OCRVL_READ_INQUIRY_H

#include "read/session.h"

struct ocrvl_inquiry {
    ocrvl_session *s;
    const ocrvl_image **images; /* [count] */
    size_t count;
    ocrvl_ask_options opt; /* those of its making */
    bool once;             /* one question only: nothing is kept */
    bool ready;            /* the rest is made */
    ocrvl_page_job *jobs;  /* [count] of the images, prepared */
    ocrvl_pictures pictures;
    size_t *tokens;         /* [count] visual tokens of each image */
    size_t video;           /* visual tokens of the video */
    ocrvl_buf budget;       /* what the budgets changed */
    ocrvl_page **lines;     /* [count] what the line reader says of each image; NULL until it is wanted */
    ocrvl_decoder *decoder; /* that keeps the keys and values; NULL before the first question */
};

OCRVL_MUST_CHECK ocrvl_status ocrvl_inquiry_begin(ocrvl_inquiry *q, ocrvl_session *s, const ocrvl_image *const *images,
                                                  size_t count, const ocrvl_ask_options *opt, ocrvl_error *err);
void ocrvl_inquiry_end(ocrvl_inquiry *q);
/* Prepares all that is shown, unless that has been done. After a failure it may be tried again. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_inquiry_prepare(ocrvl_inquiry *q, ocrvl_cancel_token cancel, ocrvl_error *err);
/* What the session's line reader says of image i, as a page that is q's own. A page on which the time ran out is read
 * anew when it is wanted again. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_inquiry_lines(ocrvl_inquiry *q, size_t i, ocrvl_cancel_token cancel,
                                                  ocrvl_account *time, const ocrvl_page **out, ocrvl_error *err);
/* Visual tokens of everything. */
size_t ocrvl_inquiry_tokens(const ocrvl_inquiry *q);

#endif
