#include "base/exif.h"

#include <string.h>

static uint32_t get16(const ocrvl_tiff_part *t, size_t i)
{
    return t->big ? (uint32_t)t->p[i] << 8 | t->p[i + 1] : (uint32_t)t->p[i + 1] << 8 | t->p[i];
}

uint32_t ocrvl_tiff_get32(const ocrvl_tiff_part *t, size_t i)
{
    return t->big ? get16(t, i) << 16 | get16(t, i + 2) : get16(t, i + 2) << 16 | get16(t, i);
}

bool ocrvl_tiff_begin(ocrvl_tiff_part *t, const uint8_t *p, size_t len)
{
    *t = (ocrvl_tiff_part){.p = p, .len = len, .big = len > 0 && p[0] == 'M'};
    return len >= 8 && (memcmp(p, "II*\0", 4) == 0 || memcmp(p, "MM\0*", 4) == 0);
}

size_t ocrvl_tiff_entry(const ocrvl_tiff_part *t, uint32_t tag)
{
    size_t dir = ocrvl_tiff_get32(t, 4);
    if (dir < 8 || dir > t->len - 2)
        return 0;
    size_t n = get16(t, dir), room = (t->len - dir - 2) / 12;
    for (size_t i = 0; i < (n < room ? n : room); i++)
        if (get16(t, dir + 2 + 12 * i) == tag)
            return dir + 2 + 12 * i;
    return 0;
}

static uint32_t tiff_short(const ocrvl_tiff_part *t, uint32_t tag, uint32_t otherwise)
{
    size_t e = ocrvl_tiff_entry(t, tag);
    return e && get16(t, e + 2) == 3 ? get16(t, e + 8) : otherwise;
}

static double tiff_rational(const ocrvl_tiff_part *t, uint32_t tag)
{
    size_t e = ocrvl_tiff_entry(t, tag);
    if (!e || get16(t, e + 2) != 5)
        return 0;
    size_t at = ocrvl_tiff_get32(t, e + 8);
    if (at > t->len || t->len - at < 8 || ocrvl_tiff_get32(t, at + 4) == 0)
        return 0;
    return (double)ocrvl_tiff_get32(t, at) / ocrvl_tiff_get32(t, at + 4);
}

void ocrvl_exif_read(ocrvl_exif *e, const uint8_t *p, size_t len)
{
    if (len >= 14 && memcmp(p, "Exif\0\0", 6) == 0)
        ocrvl_exif_read_tiff(e, p + 6, len - 6);
}

void ocrvl_exif_read_tiff(ocrvl_exif *e, const uint8_t *p, size_t len)
{
    ocrvl_tiff_part t;
    if (!ocrvl_tiff_begin(&t, p, len))
        return;
    uint32_t orientation = tiff_short(&t, 0x0112, 1);
    e->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    double unit = tiff_short(&t, 0x0128, 2) == 3 ? 2.54 : 1;
    e->dpi_x = tiff_rational(&t, 0x011A) * unit;
    e->dpi_y = tiff_rational(&t, 0x011B) * unit;
}

void ocrvl_exif_put_orientation(uint8_t to[OCRVL_EXIF_ORIENTATION], unsigned orientation)
{
    static const uint8_t sound[OCRVL_EXIF_ORIENTATION] = {'E', 'x', 'i', 'f', 0, 0,    'I', 'I', '*', 0, 8,
                                                          0,   0,   0,   1,   0, 0x12, 1,   3,   0,   1, 0};
    memcpy(to, sound, sizeof sound);
    to[24] = (uint8_t)orientation;
}
