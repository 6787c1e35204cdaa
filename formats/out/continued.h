/* Tables that go on from one page to the next. */
#ifndef OCRVL_OUT_CONTINUED_H
#define OCRVL_OUT_CONTINUED_H

#include "out/table_end.h"

/* The table with which a page begins, if it goes on with the one that ended the page before: of as many columns, from
 * side to side, with nothing but running lines between them; else NULL. *repeats: how many of its first rows are
 * that one's head once more. To be called once for each page, in order, with what the call before left in *last. */
const ocrvl_node *ocrvl_continued_table(ocrvl_table_end *last, const ocrvl_page *page, const ocrvl_page_place *place,
                                        uint32_t *repeats);
/* The table that ends a page: only running lines follow it, if anything does; NULL if there is none. */
const ocrvl_node *ocrvl_last_table(const ocrvl_page *page);

#endif
