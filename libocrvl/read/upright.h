/* Which way up a page is, where the shapes of its letters don't tell: a few lines are read each way. */
#ifndef OCRVL_READ_UPRIGHT_H
#define OCRVL_READ_UPRIGHT_H

#include "read/session.h"

/* If the layout of the job is in doubt about its rotation, and the session has a line reader, reads a few of its lines
 * as they are, turned by 180 degrees and, if it may lie on its side, of its layout turned by a quarter both ways. Where
 * one way reads far better than that of the layout, the layout is made anew that way. Errors: those of layouts and
 * readers; the job keeps a layout. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_upright(ocrvl_page_job *j, ocrvl_error *err);

#endif
