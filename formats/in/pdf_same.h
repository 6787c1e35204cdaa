/* Whether pages of two PDFs look the same, by poppler. */
#ifndef OCRVL_IN_PDF_SAME_H
#define OCRVL_IN_PDF_SAME_H

#include "ocrvl.h"

/* Draws the pages i of both documents, which aren't encrypted, where same[i] is set, and clears it where a
 * value of a pixel differs by more than `most`, or they can't be drawn. Fails only if memory is exhausted. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_same(uint8_t *same, size_t pages, const void *a, size_t a_len, const void *b,
                                             size_t b_len, int most, ocrvl_error *err);

#endif
