/* SHA-1 (FIPS 180-4), for formats that name texts by it; nothing is secured with it. */
#ifndef OCRVL_BASE_SHA1_H
#define OCRVL_BASE_SHA1_H

#include <stddef.h>

#define OCRVL_SHA1_HEX 41 /* 40 lower-case digits and a NUL */

/* The digest of len bytes, in hexadecimal. data may be NULL if len is 0. */
void ocrvl_sha1_hex(char hex[OCRVL_SHA1_HEX], const void *data, size_t len);

#endif
