/* olmOCR's document anchoring: what is known of a page, in words, for the prompt's {anchor}. The form is the one that
 * olmOCR-7B-0225 was taught (allenai/olmocr, olmocr/prompts/anchor.py, "pdfreport"): the page's size in points, its
 * pictures, and pieces of its text with where they begin, counted from the lower left corner. */
#ifndef OCRVL_READ_ANCHOR_H
#define OCRVL_READ_ANCHOR_H

#include "base/buf.h"
#include "read/session.h"

/* Characters of it that olmOCR's pipeline allows. */
enum { OCRVL_ANCHOR_MOST = 6000 };

typedef struct ocrvl_anchor_text {
    const char *text; /* [len], UTF-8 */
    size_t len;
    double x, y; /* points */
} ocrvl_anchor_text;

typedef struct ocrvl_anchor_picture {
    double x0, y0, x1, y1; /* points, y0 <= y1 */
} ocrvl_anchor_picture;

typedef struct ocrvl_anchor {
    double width, height; /* points */
    const ocrvl_anchor_picture *pictures;
    size_t picture_count;
    const ocrvl_anchor_text *texts;
    size_t text_count;
} ocrvl_anchor;

/* Writes it. Where it would take more than `most` characters, the pieces at the page's edges stay, and of the others as
 * many as there is room for, chosen at random but always the same. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_anchor_put(ocrvl_buf *out, const ocrvl_anchor *a, size_t most, ocrvl_error *err);

/* That of a page: what the document's own text layer says, else what the line reader does, else that it is a picture. A
 * page whose text is no more than a picture has one over all of it. Coordinates are those of the page as it is shown,
 * upright. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_anchor_of_page(ocrvl_buf *out, const ocrvl_page_job *j, ocrvl_error *err);

#endif
