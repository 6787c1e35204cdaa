/* Windows bitmaps: 1, 4, 8, 16, 24 and 32 bits a pixel, as they are or with bit fields, upside down or not. Run-length
 * coding isn't taken. */
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "in/source.h"

enum { HEAD = 14, CORE = 12, INFO = 40 };
enum { RGB = 0, BITFIELDS = 3, ALPHAFIELDS = 6 };

static uint32_t u16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static uint32_t u32(const uint8_t *p) { return u16(p) | u16(p + 2) << 16; }

static bool bmp_sniff(const uint8_t *data, size_t len)
{
    if (len < HEAD + CORE || data[0] != 'B' || data[1] != 'M')
        return false;
    uint32_t head = u32(data + HEAD);
    return head == CORE || (head >= INFO && head <= 124) || head == 16;
}

/* As the file's head says; some writers leave it out. */
static size_t bmp_extent(const uint8_t *data, size_t len)
{
    uint32_t n = u32(data + 2);
    return n > HEAD + CORE && n < len ? n : len;
}

typedef struct bitmap {
    uint32_t width, height, bits, pixels; /* pixels: where they begin */
    bool down;                            /* the first row is the uppermost */
    const uint8_t *palette;
    uint32_t colours, entry; /* of the palette; bytes of an entry */
    uint32_t masks[3];       /* of red, green and blue, in pixels of 16 and 32 bits */
    double dpi_x, dpi_y;
} bitmap;

static ocrvl_status wrong(ocrvl_error *err) { return ocrvl_fail(err, OCRVL_E_FORMAT, "BMP: the header is broken"); }

static ocrvl_status read_info(bitmap *b, const uint8_t *data, size_t len, uint32_t head, ocrvl_error *err)
{
    const uint8_t *h = data + HEAD;
    uint32_t compression = u32(h + 16);
    int32_t height = (int32_t)u32(h + 8);
    b->width = u32(h + 4);
    b->down = height < 0;
    b->height = b->down ? 0u - (uint32_t)height : (uint32_t)height;
    b->bits = u16(h + 14);
    b->dpi_x = u32(h + 24) * 0.0254;
    b->dpi_y = u32(h + 28) * 0.0254;
    b->colours = u32(h + 32);
    b->entry = 4;
    if (compression != RGB && compression != BITFIELDS && compression != ALPHAFIELDS)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "BMP: compression %u is not supported", compression);
    bool fields = compression != RGB;
    if (fields && (len < HEAD + INFO + 12 || (b->bits != 16 && b->bits != 32)))
        return wrong(err);
    for (int i = 0; i < 3; i++)
        b->masks[i] = fields ? u32(h + INFO + 4 * i) : b->bits == 16 ? 0x7C00u >> 5 * i : 0xFF0000u >> 8 * i;
    uint32_t after = HEAD + head + (fields && head == INFO ? (compression == ALPHAFIELDS ? 16 : 12) : 0);
    b->palette = data + after;
    return OCRVL_OK;
}

static ocrvl_status read_head(bitmap *b, const uint8_t *data, size_t len, ocrvl_error *err)
{
    uint32_t head = u32(data + HEAD);
    if (len < HEAD + (size_t)head)
        return wrong(err);
    if (head == CORE) {
        *b = (bitmap){.width = u16(data + HEAD + 4),
                      .height = u16(data + HEAD + 6),
                      .bits = u16(data + HEAD + 10),
                      .palette = data + HEAD + CORE,
                      .entry = 3,
                      .masks = {0xFF0000, 0xFF00, 0xFF}};
    } else if (head >= INFO) {
        ocrvl_status st = read_info(b, data, len, head, err);
        if (st)
            return st;
    } else {
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "BMP: this kind of header is not supported");
    }
    b->pixels = u32(data + 10);
    uint32_t most = b->bits <= 8 ? 1u << b->bits : 0;
    if (b->bits != 1 && b->bits != 4 && b->bits != 8 && b->bits != 16 && b->bits != 24 && b->bits != 32)
        return wrong(err);
    if (!b->colours || b->colours > most)
        b->colours = most;
    size_t palette = (size_t)(b->palette - data);
    bool room = palette <= len && (size_t)b->colours * b->entry <= len - palette;
    return b->width && b->height && room ? OCRVL_OK : wrong(err);
}

/* The part of a pixel under the mask, as 0..255. */
static uint8_t channel(uint32_t v, uint32_t mask)
{
    unsigned shift = 0;
    if (!mask)
        return 0;
    while (!(mask >> shift & 1))
        shift++;
    uint32_t most = mask >> shift;
    return (uint8_t)((uint64_t)(v >> shift & most) * 255 / most);
}

static void put_row(uint8_t *to, const bitmap *b, const uint8_t *row)
{
    for (uint32_t x = 0; x < b->width; x++, to += 3) {
        if (b->bits <= 8) {
            uint32_t bit = x * b->bits, v = row[bit / 8] >> (8 - b->bits - bit % 8) & ((1u << b->bits) - 1);
            const uint8_t *c = v < b->colours ? b->palette + (size_t)v * b->entry : NULL;
            for (int i = 0; i < 3; i++)
                to[i] = c ? c[2 - i] : 0;
        } else if (b->bits == 24) {
            to[0] = row[3 * x + 2];
            to[1] = row[3 * x + 1];
            to[2] = row[3 * x];
        } else {
            uint32_t v = b->bits == 16 ? u16(row + 2 * (size_t)x) : u32(row + 4 * (size_t)x);
            for (int i = 0; i < 3; i++)
                to[i] = channel(v, b->masks[i]);
        }
    }
}

static ocrvl_status bmp_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                               ocrvl_error *err)
{
    bitmap b = {0};
    ocrvl_status st = read_head(&b, data, len, err);
    if (!st)
        st = ocrvl_image_new(img, b.width, b.height, 3, b.dpi_x, b.dpi_y, max_pixels, err);
    if (st)
        return st;
    uint64_t stride = ((uint64_t)b.width * b.bits + 31) / 32 * 4;
    uint64_t rows = b.pixels < len ? (len - b.pixels) / stride : 0;
    if (rows == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "BMP: the file ends before the first row");
    *cut = rows < b.height;
    for (uint32_t i = 0; i < b.height && i < rows; i++) {
        uint32_t y = b.down ? i : b.height - 1 - i;
        put_row((*img)->data + (size_t)b.width * 3 * y, &b, data + b.pixels + (size_t)(stride * i));
    }
    return OCRVL_OK;
}

const ocrvl_picture_format ocrvl_picture_bmp = {"image/bmp", bmp_sniff, bmp_extent, bmp_decode};
