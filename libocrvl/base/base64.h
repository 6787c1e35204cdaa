/* Base64 (RFC 4648): four letters for three bytes. */
#ifndef OCRVL_BASE_BASE64_H
#define OCRVL_BASE_BASE64_H

#include "base/buf.h"

void ocrvl_base64_put(ocrvl_buf *b, const void *bytes, size_t len);

typedef struct ocrvl_base64 { /* letters that are read one by one; zero-initialise */
    uint32_t bits;
    unsigned letters, pads; /* of the current four */
    bool ended;
} ocrvl_base64;

/* Takes the next letter, and sets the *n bytes that are complete with it, 0 to 3. false: it may not stand here; the '='
 * must be there and no bits may be left over. The text is whole if `letters` and `pads` are 0 at its end. */
bool ocrvl_base64_take(ocrvl_base64 *d, char c, uint8_t bytes[3], unsigned *n);

#endif
