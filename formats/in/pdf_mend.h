/* Mends a PDF by qpdf, for poppler to draw as other readers do. */
#ifndef OCRVL_IN_PDF_MEND_H
#define OCRVL_IN_PDF_MEND_H

#include "ocrvl.h"

/* Makes a document, without encryption, whose pages are those that qpdf finds. Pages and catalogs become objects of
 * their own, and counts of pages are set right; Q operators that have no q and crop boxes beside the page are left out;
 * pictures have the size and colours that their JPEG data say, and of a JPEG or JPEG 2000 that is damaged there is what
 * can be decoded. *out is to be freed; it is NULL if the document can't be mended. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_mend(uint8_t **out, size_t *out_len, const void *data, size_t len,
                                             const char *password, uint64_t max_pixels, ocrvl_error *err);

/* How many pages qpdf finds; 0 if it can't tell. */
uint64_t ocrvl_pdf_count_pages(const void *data, size_t len, const char *password);

#endif
