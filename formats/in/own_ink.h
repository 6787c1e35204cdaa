/* What a page's ink says of the text that its document says stands there. */
#ifndef OCRVL_IN_OWN_INK_H
#define OCRVL_IN_OWN_INK_H

#include "in/glyphs.h"

typedef struct ocrvl_own_ink {
    uint32_t width, height; /* of both, which show the whole page */
    const uint8_t *page;    /* [height][width] grey, as the page is shown */
    const uint8_t *rest;    /* the same, without what is known to be no text */
    /* [height][width] how much of each pixel the glyphs of the document's text would cover, 0..255, if all could be
     * seen */
    const uint8_t *glyphs;
    const ocrvl_box *pictures; /* [picture_count] where pictures stand, in pixels of the page */
    size_t picture_count;
} ocrvl_own_ink;

/* Whether each word of a page that shows nothing but dark text, rules and light areas (ocrvl_pdf_marks_plain) has ink,
 * and there is no ink beside them that might be text: then all are seen. ink->glyphs isn't needed. OCRVL_E_NOMEM alone.
 */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_ink_plain(bool *plain, const ocrvl_own_lines *o, uint32_t page_width,
                                                  uint32_t page_height, const ocrvl_own_ink *ink, ocrvl_error *err);

/* Leaves in o (words and lines on a page of page_width x page_height pixels) the words that can be seen: where their
 * glyphs are, the page is darker or lighter than around them, by their shapes. A picture may show the same words as
 * text under it, so more is asked there. *unseen: how many were left out. *whole: beside what is left there is no ink
 * on the page that might be text; rules are none. Words that lie on one another by the thousands are all left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_ink_judge(ocrvl_own_lines *o, uint32_t page_width, uint32_t page_height,
                                                  const ocrvl_own_ink *ink, size_t *unseen, bool *whole,
                                                  ocrvl_error *err);

#endif
