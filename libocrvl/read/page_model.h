/* A page read whole by a page model: looks, prompt, generation with guards and drafts, composition. The looks of one page,
 * or of several, may be on their way together; what comes of them is the same. */
#ifndef OCRVL_READ_PAGE_MODEL_H
#define OCRVL_READ_PAGE_MODEL_H

#include "read/session.h"

typedef struct ocrvl_model_page ocrvl_model_page;

/* Chooses the task, plans the looks and gathers text for drafts. The job must be begun (ocrvl_job_begin) and outlive it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_model_page_new(ocrvl_model_page **out, ocrvl_page_job *j, ocrvl_error *err);
void ocrvl_model_page_free(ocrvl_model_page *p); /* NULL is accepted */
size_t ocrvl_model_page_looks(const ocrvl_model_page *p);
/* Whether there is time for another look; a look that there is no time for is dropped, which is noted. */
bool ocrvl_model_page_in_time(const ocrvl_model_page *p);
void ocrvl_model_page_drop(ocrvl_model_page *p);
/* Shows the model look i, once: the prompt is run. May be called on another thread than the rest, while nothing is asked about
 * this look; its seconds are the caller's to account for. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_model_page_look(ocrvl_model_page *p, size_t i, ocrvl_error *err);
void ocrvl_model_page_spend(ocrvl_model_page *p, double seconds);
/* The answer to look i on its way; NULL: not asked yet, or taken. */
ocrvl_generating *ocrvl_model_page_answer(const ocrvl_model_page *p, size_t i);
/* Takes the answer to look i, which is over. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_model_page_take(ocrvl_model_page *p, size_t i, ocrvl_error *err);
/* Bytes that it holds while it is on its way; 0: it isn't, or memory is no matter. */
uint64_t ocrvl_model_page_kept(const ocrvl_model_page *p, size_t i);
/* Whether there is room for look i beside so many bytes. */
bool ocrvl_model_page_has_room(const ocrvl_model_page *p, size_t i, uint64_t held);
/* After all looks: fills the job's builder. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_model_page_finish(ocrvl_model_page *p, ocrvl_error *err);

#endif
