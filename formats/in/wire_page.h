/* What is told of a page, as one process tells it to another: all members of an ocrvl_page_place that the format sets,
 * but for the image. */
#ifndef OCRVL_IN_WIRE_PAGE_H
#define OCRVL_IN_WIRE_PAGE_H

#include "in/glyphs.h"
#include "in/wire.h"
#include "ocrvl_formats.h"

/* What the file is: what of a page lies in it needn't be sent. */
typedef struct ocrvl_wire_file {
    const uint8_t *data;
    size_t len;
} ocrvl_wire_file;

/* Writes it. `info` says that what the document says of itself is wanted as well. */
void ocrvl_wire_put_page(ocrvl_buf *b, const ocrvl_page_place *place, const ocrvl_wire_file *file, bool info);

/* What of a page is read. Texts lie in the message, which has to stay as long as they are needed. */
typedef struct ocrvl_wire_page { /* zero-initialise */
    ocrvl_page_place place;      /* without image, document and info */
    bool drawable;               /* own_text.draw is wanted */
    bool whole_file, other_file; /* place.document is the file; is another one */
    ocrvl_own_text own;
    ocrvl_own_line *lines;
    ocrvl_own_word *words;
    ocrvl_text_style *styles;
    ocrvl_own_rule *rules;
    ocrvl_own_tag *tags;
    uint8_t verdicts[OCRVL_MOST_FONTS];
    ocrvl_text_place *places;
    ocrvl_box *boxes;
    ocrvl_document_info info; /* if it was sent */
    ocrvl_outline_entry *outline;
    bool informed; /* there is info */
} ocrvl_wire_page;

/* Reads and checks it. The page image is width x height, 0 where there is none. OCRVL_E_FORMAT: it isn't sound; then,
 * and with OCRVL_E_NOMEM, *p is empty. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_wire_take_page(ocrvl_wire_page *p, ocrvl_wire *w, const ocrvl_wire_file *file,
                                                   uint32_t width, uint32_t height, uint64_t max_pixels,
                                                   ocrvl_error *err);
void ocrvl_wire_page_free(ocrvl_wire_page *p); /* leaves it empty */

#endif
