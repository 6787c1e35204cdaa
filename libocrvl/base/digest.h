/* What MD5, SHA-1 and SHA-256 have in common: 64-byte blocks, the padding at the end, and how digests are written. */
#ifndef OCRVL_BASE_DIGEST_H
#define OCRVL_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*ocrvl_digest_block)(uint32_t *h, const uint8_t *block);

/* Feeds len bytes and their padding to `block`; the length in bits ends it, its low byte first if `little`. data may be NULL
 * if len is 0. */
void ocrvl_digest(uint32_t *h, ocrvl_digest_block block, const void *data, size_t len, bool little);
/* The first `words` words of h in hexadecimal and a NUL, each word's low byte first if `little`; digits: the 16 to use. */
void ocrvl_digest_hex(char *hex, const uint32_t *h, size_t words, bool little, const char *digits);

#endif
