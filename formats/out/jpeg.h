/* A page image as a JPEG to look at. */
#ifndef OCRVL_OUT_JPEG_H
#define OCRVL_OUT_JPEG_H

#include "base/buf.h"
#include "ocrvl.h"

/* Appends the image as a baseline JPEG, grey or YCbCr, made smaller if one of its sides is over `side` pixels. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_jpeg_put(ocrvl_buf *b, const ocrvl_image *img, uint32_t side, int quality,
                                             ocrvl_error *err);

#endif
