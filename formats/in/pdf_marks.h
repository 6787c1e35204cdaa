/* What a PDF's page shows of each piece of its marked content, by qpdf. */
#ifndef OCRVL_IN_PDF_MARKS_H
#define OCRVL_IN_PDF_MARKS_H

#include "in/content_marks.h"
#include "in/painted.h"
#include "in/pdf_contents.h"
#include "in/tag_tree.h"

enum { OCRVL_MARKS_FONTS = 256 };

typedef struct ocrvl_pdf_marks { /* zero-initialise, and set the first */
    qpdf_data pdf;
    const ocrvl_tag_tree *tree;   /* NULL: marks say nothing */
    int fonts[OCRVL_MARKS_FONTS]; /* [font_count] numbers of their objects */
    ocrvl_widths widths[OCRVL_MARKS_FONTS];
    size_t font_count;
} ocrvl_pdf_marks;

void ocrvl_pdf_marks_free(ocrvl_pdf_marks *m); /* not what was set */

/* Adds what the page shows; a mark is OCRVL_MARKED and the number of a leaf of the tree. *rotate: degrees clockwise.
 * Forms are followed as far as they may be drawn; content that can't be decoded is left out. */
void ocrvl_pdf_marks_page(ocrvl_pdf_marks *m, size_t index, ocrvl_marks_list *out, int *page, int *rotate);
/* Whether the page shows nothing but dark text, all of which can be seen, in fonts that aren't drawings, and rules and
 * light areas (content_plain.h), nor has annotations of other kinds than links. These rules and areas are added to
 * *painted, in the user space of the page, which then isn't turned; if it isn't plain, some of them. */
bool ocrvl_pdf_marks_plain(ocrvl_pdf_marks *m, size_t index, ocrvl_painted *painted);

#endif
