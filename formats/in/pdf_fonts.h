/* Which names stand for several fonts of a document: of these what is known on one page says nothing of the next. */
#ifndef OCRVL_IN_PDF_FONTS_H
#define OCRVL_IN_PDF_FONTS_H

#include "in/glyphs.h"

typedef struct ocrvl_pdf_fonts { /* that the first `scanned` pages have; zero-initialise */
    void *info;                  /* PopplerFontInfo */
    uint64_t scanned;
    char *names[OCRVL_MOST_FONTS];
    bool several[OCRVL_MOST_FONTS]; /* fonts have this name */
    size_t count;
} ocrvl_pdf_fonts;

void ocrvl_pdf_fonts_free(ocrvl_pdf_fonts *f); /* leaves it empty */

/* Forgets the verdicts of fonts whose name another font of the pages up to page `index` at least has as well. document:
 * a PopplerDocument, the same in all calls. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_fonts_forget(ocrvl_pdf_fonts *f, void *document, uint64_t index,
                                                     ocrvl_fonts *fonts, ocrvl_error *err);

#endif
