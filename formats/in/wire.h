/* Values one after the other in bytes, for another process of this program on the same machine. Writing them trusts
 * everything; reading them trusts nothing: what isn't there, isn't sound or is out of its range reads as 0 or NULL and
 * makes the reader bad, from then on for good. */
#ifndef OCRVL_IN_WIRE_H
#define OCRVL_IN_WIRE_H

#include "base/buf.h"
#include "ocrvl.h"

void ocrvl_wire_put_count(ocrvl_buf *b, uint64_t v);
void ocrvl_wire_put_number(ocrvl_buf *b, double v);
void ocrvl_wire_put_text(ocrvl_buf *b, const char *s); /* NULL too */
void ocrvl_wire_put_bytes(ocrvl_buf *b, const void *data, size_t len);
void ocrvl_wire_put_box(ocrvl_buf *b, const ocrvl_box *box);

typedef struct ocrvl_wire {
    const uint8_t *at, *end; /* what hasn't been read; it must not change */
    bool bad;
} ocrvl_wire;

uint64_t ocrvl_wire_count(ocrvl_wire *w, uint64_t most);
/* How many things follow that take at least `least` bytes each, so that there is memory for all that a message of its
 * length can name. */
size_t ocrvl_wire_items(ocrvl_wire *w, size_t least, size_t most);
double ocrvl_wire_number(ocrvl_wire *w, double least, double most); /* finite */
bool ocrvl_wire_flag(ocrvl_wire *w);
/* UTF-8 with a NUL after it, in the reader's bytes; NULL if there was none. */
const char *ocrvl_wire_text(ocrvl_wire *w);
const char *ocrvl_wire_some_text(ocrvl_wire *w); /* never NULL: one that isn't there is bad, and reads as "" */
const uint8_t *ocrvl_wire_bytes(ocrvl_wire *w, size_t *len);
/* A box that lies in [0, width] x [0, height]; if `ordered`, with x0 <= x1 and y0 <= y1. */
ocrvl_box ocrvl_wire_box(ocrvl_wire *w, uint32_t width, uint32_t height, bool ordered);

#endif
