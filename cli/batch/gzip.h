/* Members of gzip files, and the checksum of journal lines. */
#ifndef OCRVL_CLI_BATCH_GZIP_H
#define OCRVL_CLI_BATCH_GZIP_H

#include "base/buf.h"
#include "ocrvl.h"

/* CRC-32 as gzip has it. */
uint32_t batch_crc32(const void *data, size_t len);

/* Appends the data as one gzip member, which says neither a name nor a time. */
OCRVL_MUST_CHECK ocrvl_status batch_gzip(ocrvl_buf *out, const void *data, size_t len, ocrvl_error *err);

/* Appends what the one member of exactly len bytes holds. OCRVL_E_FORMAT: it is none, or its checksum is wrong;
 * OCRVL_E_LIMIT: it holds more than `most` bytes. */
OCRVL_MUST_CHECK ocrvl_status batch_gunzip(ocrvl_buf *out, const void *data, size_t len, size_t most, ocrvl_error *err);

#endif
