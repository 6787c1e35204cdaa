/* Numbers in files that begin with their highest byte. */
#ifndef OCRVL_IN_BIG_ENDIAN_H
#define OCRVL_IN_BIG_ENDIAN_H

#include <stdint.h>

static inline uint32_t ocrvl_big_endian32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
