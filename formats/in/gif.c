/* GIF by giflib: the first picture, where it is transparent on white, or on another ground if white hides the ink.
 * One of several pictures is an animation, which is no page. */
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

/* drawn: [height][width] of the image, where pixels are set to 255. */
static void put_row(ocrvl_image *img, uint8_t *drawn, const ColorMapObject *map, const GifImageDesc *d,
                    const uint8_t *row, int y, int transparent)
{
    size_t at = (size_t)(d->Top + y) * img->width + (size_t)d->Left;
    uint8_t *to = img->data + 3 * at;
    for (int x = 0; x < d->Width; x++, to += 3) {
        if (row[x] == transparent || row[x] >= map->ColorCount)
            continue;
        const GifColorType *c = &map->Colors[row[x]];
        to[0] = c->Red;
        to[1] = c->Green;
        to[2] = c->Blue;
        drawn[at + (size_t)x] = 255;
    }
}

/* Reads the picture whose description comes next. */
static bool take_picture(GifFileType *gif, ocrvl_image *img, uint8_t *drawn, int transparent)
{
    static const int from[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    if (DGifGetImageDesc(gif) == GIF_ERROR)
        return false;
    const GifImageDesc *d = &gif->Image;
    const ColorMapObject *map = d->ColorMap ? d->ColorMap : gif->SColorMap;
    if (!map || d->Left < 0 || d->Top < 0 || d->Width < 1 || d->Height < 1 ||
        (uint32_t)d->Left + (uint32_t)d->Width > img->width || (uint32_t)d->Top + (uint32_t)d->Height > img->height)
        return false;
    uint8_t *row = ocrvl_alloc((size_t)d->Width);
    bool fine = row != NULL;
    for (int pass = d->Interlace ? 0 : 3; fine && pass < 4; pass++)
        for (int y = d->Interlace ? from[pass] : 0; fine && y < d->Height; y += d->Interlace ? step[pass] : 1) {
            fine = DGifGetLine(gif, row, d->Width) != GIF_ERROR;
            if (fine)
                put_row(img, drawn, map, d, row, y, transparent);
        }
    ocrvl_free(row);
    return fine;
}

static ocrvl_status read_picture(GifFileType *gif, ocrvl_image *img, uint8_t *drawn, ocrvl_error *err)
{
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    int transparent = -1, pictures = 0;
    while (type != TERMINATE_RECORD_TYPE) {
        if (DGifGetRecordType(gif, &type) == GIF_ERROR)
            return ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the file ends early");
        if (type == IMAGE_DESC_RECORD_TYPE && pictures++)
            return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "GIF: an animation is no page");
        if (type == IMAGE_DESC_RECORD_TYPE && !take_picture(gif, img, drawn, transparent))
            return ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the picture is broken or cut");
        if (type == EXTENSION_RECORD_TYPE && (transparent = take_extension(gif, transparent)) < -1)
            return ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: an extension is broken");
    }
    return pictures ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the file has no picture");
}

static ocrvl_status gif_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                               ocrvl_error *err)
{
    bytes b = {data, len, 0};
    int code = 0;
    (void)cut;
    GifFileType *gif = DGifOpen(&b, read_bytes, &code);
    if (!gif)
        return ocrvl_fail(err, code == D_GIF_ERR_NOT_ENOUGH_MEM ? OCRVL_E_NOMEM : OCRVL_E_FORMAT,
                          "GIF: the file's header is broken");
    ocrvl_status st =
        gif->SWidth < 1 || gif->SHeight < 1
            ? ocrvl_fail(err, OCRVL_E_FORMAT, "GIF: the picture has no size")
            : ocrvl_image_new(img, (uint32_t)gif->SWidth, (uint32_t)gif->SHeight, 3, 0, 0, max_pixels, err);
    uint8_t *drawn = st ? NULL : ocrvl_alloc_array((*img)->width, (*img)->height);
    if (!st)
        st = drawn ? read_picture(gif, *img, drawn, err) : ocrvl_fail_nomem(err);
    if (!st)
        ocrvl_pixels_choose_ground(*img, drawn);
    ocrvl_free(drawn);
    DGifCloseFile(gif, &code);
    return st;
}

const ocrvl_picture_format ocrvl_picture_gif = {"image/gif", gif_sniff, gif_extent, gif_decode};
