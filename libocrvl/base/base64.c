#include "base/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void ocrvl_base64_put(ocrvl_buf *b, const void *bytes, size_t len)
{
    const uint8_t *data = bytes;
    char *to = ocrvl_buf_reserve(b, (len + 2) / 3 * 4);
    if (!to)
        return;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t v = (uint32_t)data[i] << 16 | (n > 1 ? (uint32_t)data[i + 1] << 8 : 0) | (n > 2 ? data[i + 2] : 0);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = n > 1 ? digits[v >> 6 & 63] : '=';
        *to++ = n > 2 ? digits[v & 63] : '=';
    }
    ocrvl_buf_grew(b, (len + 2) / 3 * 4);
}

bool ocrvl_base64_take(ocrvl_base64 *d, char c, uint8_t bytes[3], unsigned *n)
{
    const char *at = c ? strchr(digits, c) : NULL;
    *n = 0;
    if (d->ended || (c == '=' ? d->letters < 2 : !at || d->pads > 0))
        return false;
    d->bits = d->bits << 6 | (at ? (uint32_t)(at - digits) : 0);
    if (at)
        d->letters++;
    else
        d->pads++;
    if (d->letters + d->pads < 4)
        return true;
    if (d->bits & ((1u << 8 * d->pads) - 1))
        return false;
    for (unsigned i = 0; i < 3; i++)
        bytes[i] = (uint8_t)(d->bits >> (16 - 8 * i));
    *n = 3 - d->pads;
    *d = (ocrvl_base64){.ended = d->pads > 0};
    return true;
}
