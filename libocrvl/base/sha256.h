/* SHA-256 (FIPS 180-4). */
#ifndef OCRVL_BASE_SHA256_H
#define OCRVL_BASE_SHA256_H

#include <stddef.h>

#define OCRVL_SHA256_HEX 65 /* 64 lower-case digits and a NUL */

/* The digest of len bytes, in hexadecimal. data may be NULL if len is 0. */
void ocrvl_sha256_hex(char hex[OCRVL_SHA256_HEX], const void *data, size_t len);

#endif
