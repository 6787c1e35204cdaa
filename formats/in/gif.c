/* GIF by giflib: the first picture, where it is transparent on white, or on another ground if white hides the ink.
 * One of several pictures is an animation, which is no page. Of a picture that is cut or broken the rows before are
 * given. */
#include <string.h>

#include <gif_lib.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/pixels.h"
#include "in/source.h"

static bool gif_sniff(const uint8_t *data, size_t len)
{
    return len >= 13 && (memcmp(data, "GIF87a", 6) == 0 || memcmp(data, "GIF89a", 6) == 0);
}

/* Steps over sub-blocks; returns where they end, or len. */
static size_t blocks_end(const uint8_t *data, size_t len, size_t at)
{
    while (at < len && data[at])
        at += 1 + (size_t)data[at];
    return at < len ? at + 1 : len;
}

static size_t table_bytes(uint8_t flags) { return flags & 0x80 ? 3u << ((flags & 7) + 1) : 0; }

static size_t gif_extent(const uint8_t *data, size_t len)
{
    size_t at = 13 + table_bytes(data[10]);
    while (at < len) {
        if (data[at] == 0x3B)
            return at + 1;
        if (data[at] == 0x21)
            at = blocks_end(data, len, at + 2);
        else if (data[at] == 0x2C && at + 10 < len)
            at = blocks_end(data, len, at + 11 + table_bytes(data[at + 9]));
        else
            return len;
    }
    return len;
}

typedef struct bytes {
    const uint8_t *data;
    size_t len, at;
} bytes;

static int read_bytes(GifFileType *gif, GifByteType *to, int n)
{
    bytes *b = gif->UserData;
    size_t room = b->len - b->at, take = n < 0 ? 0 : (size_t)n < room ? (size_t)n : room;
    memcpy(to, b->data + b->at, take);
    b->at += take;
    return (int)take;
}

/* The transparent colour, or -1, from a graphic control extension. */
static int take_extension(GifFileType *gif, int before)
{
    GifByteType *block;
    int code, transparent = before;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR)
        return -2;
    while (block) {
        if (code == GRAPHICS_EXT_FUNC_CODE && block[0] >= 4)
            transparent = block[1] & 1 ? block[4] : -1;
        if (DGifGetExtensionNext(gif, &block) == GIF_ERROR)
            return -2;
    }
    return transparent;
}

typedef struct canvas {
    ocrvl_image *img;
    uint8_t *drawn; /* [height][width], where pixels are set to 255 */
    uint8_t *row;   /* [width] of colours' numbers */
} canvas;

static void put_row(const canvas *c, const ColorMapObject *map, const GifImageDesc *d, int y, int transparent)
{
    size_t at = (size_t)(d->Top + y) * c->img->width + (size_t)d->Left;
    uint8_t *to = c->img->data + 3 * at;
    for (int x = 0; x < d->Width; x++, to += 3) {
        if (c->row[x] == transparent || c->row[x] >= map->ColorCount)
            continue;
        const GifColorType *colour = &map->Colors[c->row[x]];
        to[0] = colour->Red;
        to[1] = colour->Green;
        to[2] = colour->Blue;
        c->drawn[at + (size_t)x] = 255;
    }
}

/* The pass that gives row y of an interlaced picture, 0 to 3. */
static int pass_of(int y) { return y % 8 == 0 ? 0 : y % 4 == 0 ? 1 : y % 2 == 0 ? 2 : 3; }

/* The rows of an interlaced picture that are missing become as those above them; row y of `pass` is the first. */
static void fill_rows(const canvas *c, const GifImageDesc *d, int pass, int y)
{
    size_t left = (size_t)d->Left, width = (size_t)d->Width;
    for (int i = 1; i < d->Height; i++)
        if (pass_of(i) > pass || (pass_of(i) == pass && i >= y)) {
            size_t at = (size_t)(d->Top + i) * c->img->width + left, above = at - c->img->width;
            memcpy(c->img->data + 3 * at, c->img->data + 3 * above, 3 * width);
            memcpy(c->drawn + at, c->drawn + above, width);
        }
}

/* Reads the picture whose description comes next. Returns how many of its rows there are, and in *whole whether these
 * are all. */
static int take_picture(GifFileType *gif, const canvas *c, int transparent, bool *whole)
{
    static const int from[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    int rows = 0;
    *whole = false;
    if (DGifGetImageDesc(gif) == GIF_ERROR)
        return 0;
    const GifImageDesc *d = &gif->Image;
    const ColorMapObject *map = d->ColorMap ? d->ColorMap : gif->SColorMap;
    if (!map || d->Left < 0 || d->Top < 0 || d->Width < 1 || d->Height < 1 ||
        (uint32_t)d->Left + (uint32_t)d->Width > c->img->width ||
        (uint32_t)d->Top + (uint32_t)d->Height > c->img->height)
        return 0;
    bool fine = true;
    for (int pass = d->Interlace ? 0 : 3; fine && pass < 4; pass++)
        for (int y = d->Interlace ? from[pass] : 0; fine && y < d->Height; y += d->Interlace ? step[pass] : 1) {
            fine = DGifGetLine(gif, c->row, d->Width) != GIF_ERROR;
            if (fine)
                put_row(c, map, d, y, transparent);
            else if (d->Interlace)
                fill_rows(c, d, pass, y);
            rows += fine;
        }
    *whole = fine;
    return rows;
}

/* *cut is set if rows of the picture are missing. What follows a picture says no more than that it is an animation. */
static ocrvl_status read_picture(GifFileType *gif, const canvas *c, bool *cut, ocrvl_error *err)
{
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    int transparent = -1, pictures = 0;
    bool whole = true;
    while (type != TERMINATE_RECORD_TYPE && whole) {
        if (DGifGetRecordType(gif, &type) == GIF_ERROR)
            break;
        if (type == IMAGE_DESC_RECORD_TYPE && pictures++)
            return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "GIF: an animation is no page");
        if (type == IMAGE_DESC_RECORD_TYPE && !take_picture(gif, c, transparent, &whole))
            return ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the picture is broken, or cut before its first row");
        if (type == EXTENSION_RECORD_TYPE && (transparent = take_extension(gif, transparent)) < -1)
            break;
    }
    *cut = !whole;
    return pictures ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the file has no picture");
}

static ocrvl_status gif_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                               ocrvl_error *err)
{
    bytes b = {data, len, 0};
    int code = 0;
    GifFileType *gif = DGifOpen(&b, read_bytes, &code);
    if (!gif)
        return ocrvl_fail(err, code == D_GIF_ERR_NOT_ENOUGH_MEM ? OCRVL_E_NOMEM : OCRVL_E_FORMAT,
                          "GIF: the file's header is broken");
    ocrvl_status st =
        gif->SWidth < 1 || gif->SHeight < 1
            ? ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the picture has no size")
            : ocrvl_image_new(img, (uint32_t)gif->SWidth, (uint32_t)gif->SHeight, 3, 0, 0, max_pixels, err);
    canvas c = {.img = *img};
    if (!st) {
        c.drawn = ocrvl_alloc_array(c.img->width, c.img->height);
        c.row = ocrvl_alloc(c.img->width);
        st = c.drawn && c.row ? read_picture(gif, &c, cut, err) : ocrvl_fail_nomem(err);
    }
    if (!st)
        ocrvl_pixels_choose_ground(c.img, c.drawn);
    ocrvl_free(c.drawn);
    ocrvl_free(c.row);
    DGifCloseFile(gif, &code);
    return st;
}

const ocrvl_picture_format ocrvl_picture_gif = {"image/gif", gif_sniff, gif_extent, gif_decode};
