#include "batch/gzip.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"

enum { GZIP = 16, PIECE = 1 << 16 }; /* added to zlib's window bits: with gzip's header and end */

uint32_t batch_crc32(const void *data, size_t len)
{
    const unsigned char *p = data;
    uLong crc = crc32(0, NULL, 0);
    while (len > 0) {
        uInt n = len < UINT_MAX ? (uInt)len : UINT_MAX;
        crc = crc32(crc, p, n);
        p += n;
        len -= n;
    }
    return (uint32_t)crc;
}

ocrvl_status batch_gzip(ocrvl_buf *out, const void *data, size_t len, ocrvl_error *err)
{
    z_stream z;
    memset(&z, 0, sizeof z);
    if (len > UINT_MAX)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a page's result is larger than 4 GiB");
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return ocrvl_fail_nomem(err);
    size_t bound = deflateBound(&z, (uLong)len);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)len;
    z.next_out = (Bytef *)ocrvl_buf_reserve(out, bound);
    z.avail_out = bound < UINT_MAX ? (uInt)bound : UINT_MAX;
    bool done = z.next_out && deflate(&z, Z_FINISH) == Z_STREAM_END;
    if (done)
        ocrvl_buf_grew(out, z.total_out);
    deflateEnd(&z);
    return done ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* Inflates all of it; returns what zlib said last, or Z_BUF_ERROR if there is more than `most`. */
static int inflate_all(z_stream *z, ocrvl_buf *out, size_t most)
{
    int rc = Z_OK;
    while (rc == Z_OK) {
        if (z->total_out > most)
            return Z_BUF_ERROR;
        z->next_out = (Bytef *)ocrvl_buf_reserve(out, PIECE);
        z->avail_out = PIECE;
        if (!z->next_out)
            return Z_MEM_ERROR;
        rc = inflate(z, Z_NO_FLUSH);
        ocrvl_buf_grew(out, PIECE - z->avail_out);
        if (rc == Z_OK && z->avail_out > 0) /* the member's end is missing */
            rc = Z_DATA_ERROR;
    }
    return rc;
}

ocrvl_status batch_gunzip(ocrvl_buf *out, const void *data, size_t len, size_t most, ocrvl_error *err)
{
    z_stream z;
    memset(&z, 0, sizeof z);
    if (len > UINT_MAX)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a page's result is larger than 4 GiB");
    if (inflateInit2(&z, MAX_WBITS + GZIP) != Z_OK)
        return ocrvl_fail_nomem(err);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)len;
    int rc = inflate_all(&z, out, most);
    bool whole = rc == Z_STREAM_END && z.avail_in == 0;
    inflateEnd(&z);
    if (whole)
        return OCRVL_OK;
    if (rc == Z_MEM_ERROR)
        return ocrvl_fail_nomem(err);
    if (rc == Z_BUF_ERROR)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a page's result is longer than %zu bytes", most);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "this is not a sound gzip member");
}
