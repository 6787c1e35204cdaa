#include "base/bullets.h"

#include <stddef.h>

bool ocrvl_is_bullet(uint32_t c)
{
    static const uint32_t bullets[] = {'-',    '*',    0x00B7, 0x2013, 0x2014, 0x2022, 0x2023, 0x2043,
                                       0x2192, 0x2212, 0x25A0, 0x25A1, 0x25AA, 0x25AB, 0x25B6, 0x25B8,
                                       0x25BA, 0x25CB, 0x25CF, 0x25E6, 0x2713, 0x2714, 0x2756, 0x27A2};
    for (size_t i = 0; i < sizeof bullets / sizeof *bullets; i++)
        if (bullets[i] == c)
            return true;
    return false;
}
