#include "in/packed.h"

#include "in/big_endian.h"

uint64_t ocrvl_packed_runs(const uint8_t *data, size_t len)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len && data[i] != 128;) {
        if (data[i] > 128) {
            n += i + 1 < len ? 257u - data[i] : 0;
            i += 2;
        } else {
            size_t run = data[i] + 1u, left = len - i - 1;
            n += run < left ? run : left;
            i += 1 + run;
        }
    }
    return n;
}

uint64_t ocrvl_packed_lzw(const uint8_t *data, size_t len, bool early)
{
    enum { CLEAR = 256, END = 257, CODES = 4096 };
    uint16_t lengths[CODES]; /* of the strings that codes stand for; no string is longer than there are codes */
    unsigned next = END + 1, width = 9, before = 0;
    uint64_t n = 0;
    uint32_t window = 0;
    unsigned bits = 0;
    for (unsigned i = 0; i <= END; i++)
        lengths[i] = 1;
    for (size_t i = 0; i < len; i++) {
        window = window << 8 | data[i];
        bits += 8;
        if (bits < width)
            continue;
        bits -= width;
        unsigned code = window >> bits & ((1u << width) - 1);
        if (code == END)
            return n;
        if (code == CLEAR) {
            next = END + 1;
            width = 9;
            before = 0;
            continue;
        }
        if (code > next || (code == next && !before))
            return n;
        unsigned length = code < next ? lengths[code] : before + 1;
        if (before && next < CODES)
            lengths[next++] = (uint16_t)(before + 1);
        before = length;
        n += length;
        unsigned full = next + early;
        width = full >= 2048 ? 12 : full >= 1024 ? 11 : full >= 512 ? 10 : 9;
    }
    return n;
}

/* ---- JBIG2 ------------------------------------------------------------------------------------------- */

/* How long the header of a segment is; 0 if it doesn't end. */
static size_t segment_header(const uint8_t *p, size_t len)
{
    if (len < 7)
        return 0;
    uint64_t number = ocrvl_big_endian32(p), count = p[5] >> 5, at = 6;
    if (count == 7) {
        if (len < 9)
            return 0;
        count = ocrvl_big_endian32(p + 5) & 0x1FFFFFFF;
        at = 5 + 4 + (count + 8) / 8;
    }
    at += count * (number <= 256 ? 1 : number <= 65536 ? 2 : 4) + (p[4] & 0x40 ? 4 : 1) + 4;
    return at <= len ? (size_t)at : 0;
}

bool ocrvl_packed_jbig2(const uint8_t *data, size_t len)
{
    enum { END_OF_PAGE = 49, END_OF_FILE = 51, PADDING = 16 };
    static const uint32_t unknown = 0xFFFFFFFF; /* length of a region whose end has to be looked for */
    for (size_t at = 0; at < len;) {
        size_t head = segment_header(data + at, len - at);
        if (!head)
            return at > 0 && len - at < PADDING;
        uint32_t length = ocrvl_big_endian32(data + at + head - 4);
        unsigned kind = data[at + 4] & 63;
        at += head;
        if (kind == END_OF_PAGE || kind == END_OF_FILE || length == unknown)
            return true;
        if (length > len - at)
            return false;
        at += length;
    }
    return len > 0;
}
