/* What a page's lines didn't say, as warnings. */
#ifndef OCRVL_READ_UNREAD_H
#define OCRVL_READ_UNREAD_H

#include "layout/layout.h"

typedef enum ocrvl_line_fate {                       /* what became of a line of the layout */
                               OCRVL_LINE_EMPTY = 0, /* it gave no text */
                               OCRVL_LINE_READ,
                               OCRVL_LINE_DROPPED,  /* it gave something that looked like no text */
                               OCRVL_LINE_HOPELESS, /* it gave something that can't be what stands there */
                               OCRVL_LINE_SKIPPED   /* time ran out */
} ocrvl_line_fate;

/* Warns of each region that looks like text and gave none, with its box; more than a twentieth of the page's makes it
 * partial. *covered: how many lines that were dropped or empty are thereby told of. fates: [line_count]. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_warn_unread(ocrvl_builder *b, const ocrvl_layout *l, const ocrvl_line_fate *fates,
                                                size_t *covered, ocrvl_error *err);

#endif
