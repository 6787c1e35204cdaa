/* A page read whole by a page model: looks, prompt, generation with guards and drafts, composition. The looks of one page,
 * or of several, may be on their way together; what comes of them is the same. */
#ifndef OCRVL_READ_PAGE_READER_H
#define OCRVL_READ_PAGE_READER_H

#include "read/session.h"

typedef struct ocrvl_page_reading ocrvl_page_reading;

/* Chooses the task, plans the looks and gathers text for drafts. The job must be begun (ocrvl_job_begin) and outlive it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_page_reading_new(ocrvl_page_reading **out, ocrvl_page_job *j, ocrvl_error *err);
void ocrvl_page_reading_free(ocrvl_page_reading *p); /* NULL is accepted */
size_t ocrvl_page_reading_tiles(const ocrvl_page_reading *p);
/* Whether there is time for another look; a look that there is no time for is dropped, which is noted. */
bool ocrvl_page_reading_in_time(const ocrvl_page_reading *p);
void ocrvl_page_reading_drop(ocrvl_page_reading *p);
/* Shows the model look i, once: the prompt is run. May be called on another thread than the rest, while nothing is asked about
 * this look; its seconds are the caller's to account for. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_page_reading_prefill(ocrvl_page_reading *p, size_t i, ocrvl_error *err);
void ocrvl_page_reading_spend(ocrvl_page_reading *p, double seconds);
/* The answer to look i on its way; NULL: not asked yet, or taken. */
ocrvl_sequence *ocrvl_page_reading_sequence(const ocrvl_page_reading *p, size_t i);
/* Takes the answer to look i, which is over. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_page_reading_take(ocrvl_page_reading *p, size_t i, ocrvl_error *err);
/* Bytes that it holds while it is on its way; 0: it isn't, or memory is no matter. */
uint64_t ocrvl_page_reading_reserved(const ocrvl_page_reading *p, size_t i);
/* Whether there is room for look i beside so many bytes. */
bool ocrvl_page_reading_fits(const ocrvl_page_reading *p, size_t i, uint64_t held);
/* After all looks: fills the job's builder. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_page_reading_finish(ocrvl_page_reading *p, ocrvl_error *err);

#endif
