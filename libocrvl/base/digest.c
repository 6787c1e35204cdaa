#include "base/digest.h"

#include <string.h>

void ocrvl_digest(uint32_t *h, ocrvl_digest_block block, const void *data, size_t len, bool little)
{
    const uint8_t *p = data;
    uint8_t last[128] = {0};
    size_t rest = len % 64, tail = rest < 56 ? 64 : 128;
    for (size_t i = 0; i < len / 64; i++, p += 64)
        block(h, p);
    if (rest)
        memcpy(last, p, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < 8; i++)
        last[little ? tail - 8 + i : tail - 1 - i] = (uint8_t)((uint64_t)len * 8 >> (8 * i));
    for (size_t i = 0; i < tail; i += 64)
        block(h, last + i);
}

void ocrvl_digest_hex(char *hex, const uint32_t *h, size_t words, bool little, const char *digits)
{
    for (size_t i = 0; i < 4 * words; i++) {
        size_t byte = little ? i % 4 : 3 - i % 4;
        unsigned v = h[i / 4] >> (8 * byte) & 255;
        hex[2 * i] = digits[v >> 4];
        hex[2 * i + 1] = digits[v & 15];
    }
    hex[8 * words] = '\0';
}
