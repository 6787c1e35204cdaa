/* What a decoder sent of a page, which nobody vouches for. */
#ifndef OCRVL_IN_RECEIVED_H
#define OCRVL_IN_RECEIVED_H

#include "in/decoder.h"
#include "in/wire.h"

/* The image in a file that came with a reply, mapped, not copied; NULL if there is none. OCRVL_E_FORMAT: the file isn't
 * sealed, or it isn't as large as the reply says, or the image is no image of at most max_pixels. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_received_image(ocrvl_image **img, const ocrvl_decode_reply *r, int file,
                                                   uint64_t max_pixels, ocrvl_error *err);
/* The first len bytes of such a file, to be unmapped with ocrvl_file_unmap; NULL for 0. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_received_bytes(const uint8_t **data, uint64_t len, int file, ocrvl_error *err);

#endif
