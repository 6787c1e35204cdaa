/* Whether a document's own text is what stands on its page, by reading some of it. */
#ifndef OCRVL_READ_OWN_CHECK_H
#define OCRVL_READ_OWN_CHECK_H

#include "read/session.h"

/* Has the session's line reader read some words of each font that has no verdict yet, and sets the verdicts in
 * j->in.own_text. Nothing is done where only own text is wanted, without a line reader, and for fonts that have no
 * dozen Latin letters on one line here. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_check(ocrvl_page_job *j, ocrvl_error *err);

#endif
