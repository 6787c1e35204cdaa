/* The blocks of a page as HTML. */
#ifndef OCRVL_OUT_HTML_BLOCKS_H
#define OCRVL_OUT_HTML_BLOCKS_H

#include "out/writer.h"

/* Writes them in reading order. Page N of the document is the section "page-N", N + shift. */
void ocrvl_put_html_blocks(ocrvl_writer *w, const ocrvl_page *page, uint64_t shift);

#endif
