/* Whether data packed by Deflate in zlib's format (RFC 1950), which PDF and TIFF hold, are as they were written: by the
 * sum that stands at their end, of which readers of neither take notice. */
#ifndef OCRVL_IN_FLATE_H
#define OCRVL_IN_FLATE_H

#include <stddef.h>
#include <stdint.h>

typedef enum ocrvl_flate_state {
    OCRVL_FLATE_WHOLE,  /* the sum is right, or, as some writers leave it, isn't all there */
    OCRVL_FLATE_CUT,    /* the data end before their end mark */
    OCRVL_FLATE_BROKEN, /* they make no sense, or the sum is wrong */
    OCRVL_FLATE_UNKNOWN /* they unpack to more than `most`, or there is no memory to look */
} ocrvl_flate_state;

/* *there is how many bytes they unpack to, as far as they go. None over `most`, give or take 16 KiB, is unpacked. */
ocrvl_flate_state ocrvl_flate_check(uint64_t *there, const uint8_t *data, size_t len, uint64_t most);

#endif
