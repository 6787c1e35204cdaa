/* Whether a picture of a PDF is cut or damaged, by our own decoders. */
#ifndef OCRVL_IN_PDF_PICTURE_CHECK_H
#define OCRVL_IN_PDF_PICTURE_CHECK_H

#include <qpdf/qpdf-c.h>

#include "ocrvl.h"

typedef enum ocrvl_pdf_care {
    OCRVL_PDF_SUMS,    /* of the contents' packed data alone: the page has no pictures */
    OCRVL_PDF_BRIEFLY, /* of a JPEG of one scan that ends as it should only the beginning is decoded */
    OCRVL_PDF_FULLY, /* JPEGs are gone through, other pictures decoded if they look as if they were cut or have a sum */
    OCRVL_PDF_CLOSELY /* all pictures are, and contents that readers make something of are told of */
} ocrvl_pdf_care;

/* image is a stream of width x height pixels. One over max_pixels isn't decoded, and isn't damaged then. *mendable is
 * set if ocrvl_pdf_mend would make more of it. */
bool ocrvl_pdf_picture_is_damaged(qpdf_data pdf, qpdf_oh image, uint32_t width, uint32_t height, ocrvl_pdf_care care,
                                  uint64_t max_pixels, bool *mendable);

#endif
