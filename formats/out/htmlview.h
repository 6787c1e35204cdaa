/* HTML to check a page with: the image beside the text. Each word holds its box on the image, so that pointing at
 * either marks both without a script; what the model was unsure of is coloured and underlined. */
#ifndef OCRVL_OUT_HTMLVIEW_H
#define OCRVL_OUT_HTMLVIEW_H

#include "out/writer.h"

/* Whether this is what is written: HTML without images is for reading. */
static inline bool ocrvl_is_view(const ocrvl_writer *w) { return !w->opt.no_images; }

/* What stands in the document's head. */
void ocrvl_view_put_style(ocrvl_xml *x);
/* The heading of the document, and how it is to be read. */
void ocrvl_view_put_top(ocrvl_writer *w, const ocrvl_page_place *place);
/* Begins a page: its heading, warnings and image; blocks follow. */
void ocrvl_view_begin(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place);
void ocrvl_view_end(ocrvl_writer *w);
/* The text of a block or cell, line by line. */
void ocrvl_view_put_text(ocrvl_writer *w, const ocrvl_node *node);
/* The place on the image of what has no words, such as a picture. */
void ocrvl_view_put_box(ocrvl_writer *w, const ocrvl_box *box);
/* What stands at the end of the body. */
void ocrvl_view_put_script(ocrvl_xml *x);

#endif
