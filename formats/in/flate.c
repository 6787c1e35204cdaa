#include "in/flate.h"

#include <stdbool.h>

#include <zlib.h>

#include "in/big_endian.h"

enum { HEAD = 2, SUM = 4, OUT = 16384 };

/* RFC 1950, 2.2: Deflate, no dictionary, and a head that is divisible by 31. */
static bool has_head(const uint8_t *data, size_t len)
{
    return len >= HEAD && (data[0] & 15) == 8 && !(data[1] & 32) && ((unsigned)data[0] << 8 | data[1]) % 31 == 0;
}

/* z without its head or sum, up to the end mark; *sum is that of what was unpacked. Returns what zlib said last. */
static int unpack(z_stream *z, size_t left, uint64_t most, uint32_t *sum)
{
    uint8_t out[OUT];
    int rc = Z_OK;
    while (rc == Z_OK && z->total_out <= most) {
        if (z->avail_in == 0) {
            z->avail_in = left < (1u << 30) ? (uInt)left : 1u << 30;
            left -= z->avail_in;
        }
        z->next_out = out;
        z->avail_out = sizeof out;
        rc = inflate(z, Z_NO_FLUSH);
        *sum = (uint32_t)adler32(*sum, out, (uInt)sizeof out - z->avail_out);
    }
    return rc;
}

ocrvl_flate_state ocrvl_flate_check(uint64_t *there, const uint8_t *data, size_t len, uint64_t most)
{
    uint32_t sum = 1;
    *there = 0;
    if (len < HEAD)
        return OCRVL_FLATE_CUT;
    if (!has_head(data, len))
        return OCRVL_FLATE_BROKEN;
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)(data + HEAD)};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return OCRVL_FLATE_UNKNOWN;
    int rc = unpack(&z, len - HEAD, most, &sum);
    const uint8_t *end = z.next_in;
    *there = z.total_out;
    inflateEnd(&z);
    if (rc == Z_STREAM_END) {
        bool told = len - (size_t)(end - data) >= SUM;
        return told && ocrvl_big_endian32(end) != sum ? OCRVL_FLATE_BROKEN : OCRVL_FLATE_WHOLE;
    }
    return rc == Z_BUF_ERROR ? OCRVL_FLATE_CUT : rc == Z_DATA_ERROR ? OCRVL_FLATE_BROKEN : OCRVL_FLATE_UNKNOWN;
}
