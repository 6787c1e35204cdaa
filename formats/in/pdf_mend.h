/* Mends a PDF by qpdf, for poppler to draw as other readers do. */
#ifndef OCRVL_IN_PDF_MEND_H
#define OCRVL_IN_PDF_MEND_H

#include "in/pdf_kids.h"

#define OCRVL_PDF_LEAST 3.0 /* points that a side of a page has at least (ISO 32000-1, annex C) */

/* Makes a document, without encryption, whose pages are those that qpdf finds. Pages and catalogs become objects of
 * their own, and counts of pages are set right; Q operators that have no q, and crop boxes beside the page or smaller
 * than a page, are left out; pictures have the size and colours that their JPEG data say, and of a JPEG or JPEG 2000
 * that is damaged there is what can be decoded. *out is to be freed; it is NULL if the document can't be mended. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_mend(uint8_t **out, size_t *out_len, const void *data, size_t len,
                                             const char *password, uint64_t max_pixels, ocrvl_error *err);

typedef struct ocrvl_pdf_count {
    uint64_t pages; /* that qpdf finds */
    ocrvl_pdf_kids kids;
    bool opened; /* its objects can be read, even if no page is among them */
} ocrvl_pdf_count;

/* Counts pages; all is 0 if the document can't be opened. *cleaned, to be freed, is the document without what is no
 * page in its tree of pages, encrypted as it was, or NULL if there is no such thing. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_count_pages(ocrvl_pdf_count *c, uint8_t **cleaned, size_t *cleaned_len,
                                                    const void *data, size_t len, const char *password,
                                                    ocrvl_error *err);

#endif
