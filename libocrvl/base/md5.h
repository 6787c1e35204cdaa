/* MD5 (RFC 1321), for formats that name image files by it; not for anything that must be safe. */
#ifndef OCRVL_BASE_MD5_H
#define OCRVL_BASE_MD5_H

#include <stddef.h>

#define OCRVL_MD5_HEX 33

/* 32 hex digits in upper case and a NUL. data may be NULL when len is 0. Cannot fail. */
void ocrvl_md5_hex(char hex[OCRVL_MD5_HEX], const void *data, size_t len);

#endif
