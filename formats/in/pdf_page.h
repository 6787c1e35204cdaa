/* A page of a PDF that is being read. */
#ifndef OCRVL_IN_PDF_PAGE_H
#define OCRVL_IN_PDF_PAGE_H

#include "in/pdf_fonts.h"

/* A page of a document, and the image that it will be told in. */
typedef struct ocrvl_pdf_page {
    void *document, *page; /* PopplerDocument, PopplerPage */
    double points_w, points_h;
    uint32_t width, height; /* pixels */
    double dpi;
    ocrvl_fonts *fonts;     /* the document's */
    bool pictured;          /* the document has pictures */
    uint64_t index;         /* of the page */
    ocrvl_pdf_fonts *named; /* the document's fonts by their names */
} ocrvl_pdf_page;

#endif
