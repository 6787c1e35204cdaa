/* The outline and the page labels of a PDF that is made of another's pages. */
#ifndef OCRVL_OUT_PDFOUTLINE_H
#define OCRVL_OUT_PDFOUTLINE_H

#include "base/buf.h"
#include "ocrvl_formats.h"

typedef struct ocrvl_pdf_entry {
    size_t title; /* where it begins in the titles */
    uint32_t level;
    uint64_t page;                                     /* of the document, from 0 */
    size_t place;                                      /* page of the file that is made, from 0 */
    size_t parent, previous, next, first, last, count; /* entries from 1, 0: none; count: of those below it */
} ocrvl_pdf_entry;

typedef struct ocrvl_pdf_outline {  /* zero-initialise */
    ocrvl_buf file, titles, labels; /* of the first document; /Nums of the labels */
    ocrvl_pdf_entry *entries;
    size_t count, cap;
    uint64_t *pages; /* [page_count] which page of the document each page is; UINT64_MAX: of another one */
    size_t page_count, page_cap;
    bool labelled, failed;
} ocrvl_pdf_outline;

void ocrvl_pdf_outline_free(ocrvl_pdf_outline *o);
/* Takes a page's label, and with the first page the document's outline. */
void ocrvl_pdf_outline_take(ocrvl_pdf_outline *o, const ocrvl_page_place *place);
/* Drops the entries that lead to pages which aren't there, and links the others; how many are left. */
size_t ocrvl_pdf_outline_link(ocrvl_pdf_outline *o);
/* Writes object i of the outline: 0 its root, then its entries; object 0 has the number `root`. pages: the references
 * of all pages, "N 0 R" each, one a line. */
void ocrvl_put_pdf_outline(ocrvl_buf *b, const ocrvl_pdf_outline *o, size_t i, size_t root, const char *pages);
/* A text string as UTF-16 in hexadecimal. */
void ocrvl_put_pdf_string(ocrvl_buf *b, const char *s, size_t n);

#endif
