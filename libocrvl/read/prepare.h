/* What is known of a page before any of it is read for its text. */
#ifndef OCRVL_READ_PREPARE_H
#define OCRVL_READ_PREPARE_H

#include "read/session.h"

/* Takes the document's own text where it is all of the page, or the session's reader reads lines; evens pixels that
 * aren't square, and finds the layout and which way up the page is. The job's s, cancel, in and opt are set before;
 * what this makes is freed by ocrvl_job_free, also after an error. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_prepare(ocrvl_page_job *j, ocrvl_error *err);

#endif
