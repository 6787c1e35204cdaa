/* The document that a file holds, mended as far as it must be to be opened, and how poppler opens it. */
#ifndef OCRVL_IN_PDF_FOUND_H
#define OCRVL_IN_PDF_FOUND_H

#include <poppler.h>

#include "in/pdf_mend.h"
#include "in/pdf_recover.h"

typedef struct ocrvl_pdf_found {
    const uint8_t *data; /* the document: the file without what stands around it, or `made` */
    size_t len;
    uint8_t *made; /* of a file that is cut, or whose tree of pages isn't sound; or NULL */
    ocrvl_pdf_end end;
    ocrvl_pdf_count count;
} ocrvl_pdf_found;

/* The file's bytes must stay valid. f is to be freed in any case. A file in which nothing is found is taken as it is.
 */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_find(ocrvl_pdf_found *f, const uint8_t *data, size_t len, const char *password,
                                             ocrvl_error *err);
void ocrvl_pdf_found_free(ocrvl_pdf_found *f);

/* *out is NULL on failure, and if the document has no page. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_open_poppler(PopplerDocument **out, const uint8_t *data, size_t len,
                                                     const char *password, ocrvl_error *err);

#endif
