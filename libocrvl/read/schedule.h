/* A page's groups of sequences, a thread each. */
#ifndef OCRVL_READ_SCHEDULE_H
#define OCRVL_READ_SCHEDULE_H

#include "base/threads.h"
#include "read/session.h"

/* Generates all groups that a reading wants, now and after those: each is begun, decoded and taken on one thread of the
 * pool, the others beside it. What a sequence says doesn't depend on the others, nor on the threads. Groups for which
 * there is no time are dropped. The reader must be one whose groups take one thread. OCRVL_E_CANCELED: `cancel` or the
 * progress function said so; the latter is called on the calling thread. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_schedule_run(ocrvl_page_reading *p, ocrvl_pool *pool, ocrvl_error *err);

/* Has a reader read the page, all of its groups one thread each, to the end -> *out, which isn't finished yet. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_read(ocrvl_page_reading **out, ocrvl_page_job *j,
                                             const ocrvl_reader_ops *reader, ocrvl_error *err);

/* Has the session's line reader read the strips once, greedily, for what they tell of the page; their readings are put
 * beside them in `lines`. The session must have a line reader. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_read_strips(ocrvl_page_job *j, ocrvl_lines *lines, ocrvl_error *err);

#endif
