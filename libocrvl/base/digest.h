/* Digests that formats name files and texts by. Nothing is secured with them, so that MD5 and SHA-1 serve as well. */
#ifndef OCRVL_BASE_DIGEST_H
#define OCRVL_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "ocrvl.h"

/* Room for the hexadecimal digits and a NUL. */
#define OCRVL_MD5_HEX 33
#define OCRVL_SHA1_HEX 41
#define OCRVL_SHA256_HEX 65

/* The digest of len bytes in hexadecimal; MD5's digits are in upper case, the others' in lower. data may be NULL if len
 * is 0. On failure hex is empty: OCRVL_E_NOMEM, or OCRVL_E_UNSUPPORTED where libcrypto has no such digest. Threads may
 * call this at once; the program's own settings of OpenSSL (FIPS) neither matter nor change. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_md5_hex(char hex[OCRVL_MD5_HEX], const void *data, size_t len, ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_sha1_hex(char hex[OCRVL_SHA1_HEX], const void *data, size_t len, ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_sha256_hex(char hex[OCRVL_SHA256_HEX], const void *data, size_t len,
                                               ocrvl_error *err);

/* The SHA-256 of a file's bytes, and how many they are. Also OCRVL_E_IO: it can't be read. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sha256_file(char hex[OCRVL_SHA256_HEX], uint64_t *bytes, const char *path,
                                                ocrvl_error *err);

/* Whether s, which may be NULL, is a SHA-256 in hexadecimal digits of either case. */
bool ocrvl_is_sha256(const char *s);

#endif
