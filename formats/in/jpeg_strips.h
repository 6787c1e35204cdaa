/* The JPEG data of a TIFF page (TIFF Technical Note 2), which are a JPEG of their own in each strip or tile, as one JPEG
 * file with the same coefficients. */
#ifndef OCRVL_IN_JPEG_STRIPS_H
#define OCRVL_IN_JPEG_STRIPS_H

#include "base/buf.h"

typedef struct ocrvl_jpeg_bytes {
    const uint8_t *data;
    size_t len;
} ocrvl_jpeg_bytes;

typedef struct ocrvl_jpeg_strips {
    ocrvl_jpeg_bytes tables;        /* the field JPEGTables; len 0: there is none */
    const ocrvl_jpeg_bytes *strips; /* [count] strips from top to bottom, or tiles in rows from the upper left */
    size_t count;
    uint32_t width, height, across, rows; /* of the page; of a strip or tile, across being the page's width in strips */
    unsigned components;                  /* 1 or 3 */
    unsigned orientation;                 /* as in EXIF: 1 to 8, 1 being upright */
    bool ycc;                             /* three components are YCbCr; else RGB */
} ocrvl_jpeg_strips;

/* Puts the file into the empty *out. Several strips become one scan, with a restart marker where each of them began;
 * they must be baseline or extended sequential, of one scan each, without restarts and coded by the same tables. Returns
 * false, and *out is of no use, if the data aren't as they should be, or if memory is exhausted. No tiles. */
bool ocrvl_jpeg_join_strips(ocrvl_buf *out, const ocrvl_jpeg_strips *s);

/* The same of strips and tiles that must be of the same quantisation and sampling and end where units of coding do; their
 * coefficients are coded again, by other Huffman tables, and need memory: twice their bytes. */
bool ocrvl_jpeg_join_blocks(ocrvl_buf *out, const ocrvl_jpeg_strips *s);

#endif
