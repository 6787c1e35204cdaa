/* The JPEG data of a TIFF page (TIFF Technical Note 2) as one JPEG file, none of whose coefficients is coded again. */
#ifndef OCRVL_IN_JPEG_STRIPS_H
#define OCRVL_IN_JPEG_STRIPS_H

#include "base/buf.h"

typedef struct ocrvl_jpeg_bytes {
    const uint8_t *data;
    size_t len;
} ocrvl_jpeg_bytes;

typedef struct ocrvl_jpeg_strips {
    ocrvl_jpeg_bytes tables;        /* the field JPEGTables; len 0: there is none */
    const ocrvl_jpeg_bytes *strips; /* [count], from top to bottom */
    size_t count;
    uint32_t width, height, rows; /* of the page; rows of each strip but the last */
    unsigned components;          /* 1 or 3 */
    bool ycc;                     /* three components are YCbCr; else RGB */
} ocrvl_jpeg_strips;

/* Puts the file into the empty *out. Several strips become one scan, with a restart marker where each of them began;
 * they must be baseline or extended sequential, of one scan each and coded by the same tables. Returns false, and
 * *out is of no use, if the data aren't as they should be, or if memory is exhausted. */
bool ocrvl_jpeg_join_strips(ocrvl_buf *out, const ocrvl_jpeg_strips *s);

#endif
