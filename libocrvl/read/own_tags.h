/* A tagged document's structure tree on a page: its text as the tags part and order it. */
#ifndef OCRVL_READ_OWN_TAGS_H
#define OCRVL_READ_OWN_TAGS_H

#include "read/own_page.h"
#include "read/page_tables.h"

/* Parts and orders out->text as its tags say if they cover nearly all of the page and don't contradict where its text
 * stands. Where they don't cover it, each line's tag is told none the less. out->known isn't there yet. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_tags_take(ocrvl_own_page *out, ocrvl_error *err);
void ocrvl_own_tags_free(ocrvl_own_page *o); /* what that made */

/* Makes the layout of known lines that of the tags: the same lines and pictures, in the tags' order and blocks. Where
 * tags don't cover the page, blocks that are one of them get its role. Strips must not have been cut. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_tags_reblock(ocrvl_layout *l, const ocrvl_own_page *own, ocrvl_error *err);

/* The page's tables as the tags say: see ocrvl_page_tables_find. One whose cells don't fit together is none. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_tags_tables(ocrvl_page_tables *out, const ocrvl_result *r,
                                                    const ocrvl_result_line *lines, const ocrvl_own_page *own,
                                                    ocrvl_error *err);

#endif
