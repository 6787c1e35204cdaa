/* Ink that looks like text and gave none. */
#ifndef OCRVL_LAYOUT_UNREAD_H
#define OCRVL_LAYOUT_UNREAD_H

#include "layout/layout_result.h"

typedef struct ocrvl_unread {
    ocrvl_box *boxes; /* [count] in the upright frame, from the top */
    size_t count;
    double share; /* of the letters' ink on the page, 0..1 */
} ocrvl_unread;

/* Finds the regions of letters, side by side as in a line, that are in none of the lines that gave text ([line_count])
 * and in no figure. A page without a mask, as of known lines alone, has none. To be freed with ocrvl_unread_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_unread(ocrvl_unread *out, const ocrvl_layout *l, const bool *gave,
                                                  ocrvl_error *err);
void ocrvl_unread_free(ocrvl_unread *u);

#endif
