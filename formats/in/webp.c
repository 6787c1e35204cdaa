/* WebP by libwebp: lossy and lossless, with alpha laid on white, or on another ground if white hides the ink, upright
 * by EXIF. An animation is refused, as it is no page. Of an image that is cut or broken the rows before are given. */
#include <string.h>

#include <webp/decode.h>

#include "base/error.h"
#include "base/exif.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/pixels.h"
#include "in/source.h"

static bool webp_sniff(const uint8_t *data, size_t len)
{
    return len >= 16 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBPVP8", 7) == 0;
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* As the RIFF header says. */
static size_t webp_extent(const uint8_t *data, size_t len)
{
    uint64_t n = u32(data + 4);
    n += 8 + (n & 1);
    return n < len ? (size_t)n : len;
}

/* The rows, of `stride` bytes each, that can be decoded before the data end or make no sense. */
static uint32_t decode_part(uint8_t *to, bool alpha, const uint8_t *data, size_t len, size_t stride, uint32_t height)
{
    int rows = 0;
    WebPIDecoder *part = WebPINewRGB(alpha ? MODE_RGBA : MODE_RGB, to, stride * height, (int)stride);
    if (!part)
        return 0;
    WebPIAppend(part, data, len);
    if (!WebPIDecGetRGB(part, &rows, NULL, NULL, NULL) || rows < 0)
        rows = 0;
    WebPIDelete(part);
    return (uint32_t)rows < height ? (uint32_t)rows : height;
}

/* *cut is set if rows are missing, which are white. */
static ocrvl_status read_pixels(ocrvl_image *img, const WebPBitstreamFeatures *f, const uint8_t *data, size_t len,
                                bool *cut, ocrvl_error *err)
{
    size_t width = img->width, stride = width * (f->has_alpha ? 4 : 3), size = stride * img->height;
    uint8_t *rgba = f->has_alpha ? ocrvl_alloc(size) : img->data;
    uint8_t *alpha = f->has_alpha && rgba ? ocrvl_alloc_array(width, img->height) : NULL;
    if (!rgba || (f->has_alpha && !alpha)) {
        ocrvl_free(f->has_alpha ? rgba : NULL);
        return ocrvl_fail_nomem(err);
    }
    bool whole = f->has_alpha ? WebPDecodeRGBAInto(data, len, rgba, size, (int)stride) != NULL
                              : WebPDecodeRGBInto(data, len, rgba, size, (int)stride) != NULL;
    uint32_t rows = whole ? img->height : decode_part(rgba, f->has_alpha, data, len, stride, img->height);
    for (uint32_t y = 0; f->has_alpha && y < rows; y++)
        ocrvl_pixels_lay_on_white(img->data + width * 3 * y, alpha + width * y, rgba + stride * y, width, 3);
    memset(img->data + width * 3 * rows, 255, width * 3 * (img->height - rows));
    if (f->has_alpha) {
        memset(alpha + width * rows, 255, width * (img->height - rows)); /* what is missing isn't clear */
        ocrvl_pixels_choose_ground(img, alpha);
    }
    if (f->has_alpha)
        ocrvl_free(rgba);
    ocrvl_free(alpha);
    *cut = !whole;
    return rows ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_FORMAT, "WebP: the image is broken, or cut before its first rows");
}

/* By the chunk EXIF, which some writers begin with JPEG's mark. */
static unsigned orientation_of(const uint8_t *data, size_t len)
{
    ocrvl_exif e = {.orientation = 1};
    for (size_t at = 12; len - at >= 8;) {
        size_t n = u32(data + at + 4), room = len - at - 8;
        if (memcmp(data + at, "EXIF", 4) == 0 && n <= room) {
            ocrvl_exif_read(&e, data + at + 8, n);
            ocrvl_exif_read_tiff(&e, data + at + 8, n);
            break;
        }
        if (n >= room)
            break;
        at += 8 + n + (n & 1 && n + 1 <= room);
    }
    return e.orientation;
}

static ocrvl_status webp_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                                ocrvl_error *err)
{
    WebPBitstreamFeatures f;
    if (WebPGetFeatures(data, len, &f) != VP8_STATUS_OK || f.width < 1 || f.height < 1)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "WebP: the image's header is broken");
    if (f.has_animation)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "WebP: an animation is no page");
    ocrvl_status st = ocrvl_image_new(img, (uint32_t)f.width, (uint32_t)f.height, 3, 0, 0, max_pixels, err);
    ocrvl_confine_room(OCRVL_ROOM_PICTURE * (uint64_t)f.width * (uint64_t)f.height);
    if (!st)
        st = read_pixels(*img, &f, data, len, cut, err);
    return st ? st : ocrvl_pixels_orient(img, orientation_of(data, len), err);
}

const ocrvl_picture_format ocrvl_picture_webp = {"image/webp", webp_sniff, webp_extent, webp_decode};
