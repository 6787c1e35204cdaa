/* JPEG inside of other documents. */
#ifndef OCRVL_IN_JPEG_H
#define OCRVL_IN_JPEG_H

#include "ocrvl.h"

/* What a JPEG says of itself. */
typedef struct ocrvl_jpeg_head {
    uint32_t width, height, channels;
    bool whole; /* its end mark is there */
} ocrvl_jpeg_head;

/* Takes it without decoding. Returns false if the data don't begin with a JPEG, or its frame header isn't found. */
bool ocrvl_jpeg_head_read(ocrvl_jpeg_head *h, const uint8_t *data, size_t len);

/* Whether some of the image is missing or can't be decoded. This takes half as long as decoding it. One of more than
 * max_pixels isn't looked at. Briefly: if it is of one scan and has its end mark only what comes before that scan, and
 * its first rows, are looked at; of damage in the rest libjpeg warns whoever decodes it. */
bool ocrvl_jpeg_is_damaged(const uint8_t *data, size_t len, uint64_t max_pixels, bool briefly);

/* Decodes what there is, as it lies: white where the data have ended, and after other damage what libjpeg makes of the
 * rest. *damaged: something is missing. Fails as a decoder of files does; *img is NULL then. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_jpeg_salvage(ocrvl_image **img, bool *damaged, const uint8_t *data, size_t len,
                                                 uint64_t max_pixels, ocrvl_error *err);

#endif
