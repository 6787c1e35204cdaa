/* What is damaged or missing on a page of a PDF, by qpdf and our own decoders of pictures. */
#ifndef OCRVL_IN_PDF_CHECK_H
#define OCRVL_IN_PDF_CHECK_H

#include "base/buf.h"
#include "in/pdf_picture_check.h"

typedef struct ocrvl_pdf_checker ocrvl_pdf_checker; /* the document */

/* The bytes must stay valid. Returns NULL if the document can't be opened, or memory is exhausted. */
ocrvl_pdf_checker *ocrvl_pdf_checker_open(const void *data, size_t len, const char *password);
void ocrvl_pdf_checker_free(ocrvl_pdf_checker *c);

/* Appends to says, with "; " between them, what of the page is damaged or missing, in words for users. No picture over
 * max_pixels is decoded. *mendable is set if ocrvl_pdf_mend would change one of them. */
void ocrvl_pdf_checker_page(ocrvl_pdf_checker *c, size_t index, ocrvl_pdf_care care, uint64_t max_pixels,
                            ocrvl_buf *says, bool *mendable);

#endif
