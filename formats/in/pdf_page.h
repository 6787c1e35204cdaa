/* A page of a PDF that is being read. */
#ifndef OCRVL_IN_PDF_PAGE_H
#define OCRVL_IN_PDF_PAGE_H

#include "in/glyphs.h"
#include "in/pdf_marks.h"

/* A page of a document, and the image that it will be told in. */
typedef struct ocrvl_pdf_page {
    void *document, *page; /* PopplerDocument, PopplerPage */
    double points_w, points_h;
    uint32_t width, height; /* pixels */
    double dpi;
    ocrvl_fonts *fonts;                        /* the document's */
    const struct ocrvl_pdf_pictures *pictures; /* of the page; NULL: it has none */
    uint64_t index;                            /* of the page */
    ocrvl_pdf_marks *marks; /* what its content shows, to be asked by qpdf; NULL if it can't be opened for that */
} ocrvl_pdf_page;

#endif
