/* The blocks of a page as HTML. */
#ifndef OCRVL_OUT_HTML_BLOCKS_H
#define OCRVL_OUT_HTML_BLOCKS_H

#include "out/writer.h"

/* Writes them in reading order. A table that goes on from the page before has the class "continues". To be
 * called for each page, in order. */
void ocrvl_put_html_blocks(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place);

#endif
