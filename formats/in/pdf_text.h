/* The characters of a page as poppler gives them. */
#ifndef OCRVL_IN_PDF_TEXT_H
#define OCRVL_IN_PDF_TEXT_H

#include "base/borders.h"
#include "in/pdf_page.h"

/* What a page says, and the memory that it is in. */
typedef struct ocrvl_pdf_own { /* zero-initialise */
    ocrvl_own_text text;
    ocrvl_glyphs glyphs;
    ocrvl_own_lines lines;
    ocrvl_borders rules;
    ocrvl_own_tag *tags; /* [text.tag_count] */
    char doubt[200];
    ocrvl_image *small; /* the page, drawn small in grey; NULL: it had not to be */
    const void *drawn;  /* the page that was drawn */
} ocrvl_pdf_own;

/* Draws the page small, which that takes. poppler then has its text as well, and needn't go through the page once more:
 * this is best called before anything is asked of it. Only memory can fail; a page that can't be drawn stays undrawn.
 * */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_own_look(ocrvl_pdf_own *out, const ocrvl_pdf_page *p, ocrvl_error *err);
/* Takes the page's text as far as its ink, drawn small, bears it out. Nothing of a bound on characters is taken beyond
 * it. out->text is empty on failure: OCRVL_E_NOMEM, or OCRVL_E_FORMAT if the page can't be drawn. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_own_text(ocrvl_pdf_own *out, const ocrvl_pdf_page *p, ocrvl_error *err);
void ocrvl_pdf_own_free(ocrvl_pdf_own *o); /* leaves it empty */

#endif
