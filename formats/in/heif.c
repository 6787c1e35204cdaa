/* HEIF and AVIF by libheif: the primary image, turned as the file says, with alpha laid on white. */
#include <string.h>

#include <libheif/heif.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/pixels.h"
#include "in/source.h"

static bool heif_sniff(const uint8_t *data, size_t len)
{
    static const char brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif", "avis"};
    if (len < 16 || memcmp(data + 4, "ftyp", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (memcmp(data + 8, brands[i], 4) == 0)
            return true;
    return false;
}

static ocrvl_status failed(struct heif_error e, ocrvl_error *err)
{
    bool unknown = e.code == heif_error_Unsupported_filetype || e.code == heif_error_Unsupported_feature ||
                   e.code == heif_error_Decoder_plugin_error;
    ocrvl_status st = e.code == heif_error_Memory_allocation_error ? OCRVL_E_NOMEM
                      : unknown                                    ? OCRVL_E_UNSUPPORTED
                                                                   : OCRVL_E_FORMAT;
    return ocrvl_fail(err, st, "HEIF: %s", e.message ? e.message : "the image can't be read");
}

static ocrvl_status put_pixels(ocrvl_image **img, const struct heif_image *from, bool alpha, uint64_t max_pixels,
                               ocrvl_error *err)
{
    int stride = 0, width = heif_image_get_width(from, heif_channel_interleaved),
        height = heif_image_get_height(from, heif_channel_interleaved);
    const uint8_t *pixels = heif_image_get_plane_readonly(from, heif_channel_interleaved, &stride);
    if (!pixels || width < 1 || height < 1 || stride < width * (alpha ? 4 : 3))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "HEIF: the image has no pixels");
    ocrvl_status st = ocrvl_image_new(img, (uint32_t)width, (uint32_t)height, 3, 0, 0, max_pixels, err);
    uint8_t *opacity = !st && alpha ? ocrvl_alloc_array((size_t)width, (size_t)height) : NULL;
    if (!st && alpha && !opacity)
        st = ocrvl_fail_nomem(err);
    for (int y = 0; !st && y < height; y++) {
        const uint8_t *row = pixels + (size_t)y * (size_t)stride;
        uint8_t *to = (*img)->data + (size_t)y * (size_t)width * 3;
        if (alpha)
            ocrvl_pixels_lay_on_white(to, opacity + (size_t)y * (size_t)width, row, (size_t)width, 3);
        else
            memcpy(to, row, (size_t)width * 3);
    }
    if (!st && alpha)
        ocrvl_pixels_choose_ground(*img, opacity);
    ocrvl_free(opacity);
    return st;
}

/* Whether so much memory is to be had: a decoder that lacks it says no more than that it failed. */
static bool is_there(uint64_t bytes)
{
    void *p = bytes <= SIZE_MAX ? ocrvl_alloc((size_t)bytes) : NULL;
    ocrvl_free(p);
    return p != NULL;
}

/* The size is proved before the pixels are decoded. */
static ocrvl_status read_image(ocrvl_image **img, struct heif_image_handle *h, uint64_t max_pixels, ocrvl_error *err)
{
    struct heif_image *pixels = NULL;
    int width = heif_image_handle_get_width(h), height = heif_image_handle_get_height(h);
    bool alpha = heif_image_handle_has_alpha_channel(h) != 0;
    if (width < 1 || height < 1)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "HEIF: the image has no size");
    if ((uint64_t)width * (uint64_t)height > max_pixels)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "HEIF: %d x %d pixels are over the limit of %llu", width, height,
                          (unsigned long long)max_pixels);
    uint64_t room = OCRVL_ROOM_HEIF * (uint64_t)width * (uint64_t)height;
    ocrvl_confine_room(room);
    struct heif_error e = heif_decode_image(h, &pixels, heif_colorspace_RGB,
                                            alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, NULL);
    ocrvl_status st;
    if (e.code == heif_error_Decoder_plugin_error && !is_there(room))
        st = ocrvl_fail_nomem(err);
    else
        st = e.code ? failed(e, err) : put_pixels(img, pixels, alpha, max_pixels, err);
    heif_image_release(pixels);
    return st;
}

static ocrvl_status heif_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                                ocrvl_error *err)
{
    struct heif_image_handle *h = NULL;
    struct heif_context *c = heif_context_alloc();
    (void)cut;
    if (!c)
        return ocrvl_fail_nomem(err);
    struct heif_error e = heif_context_read_from_memory_without_copy(c, data, len, NULL);
    if (!e.code)
        e = heif_context_get_primary_image_handle(c, &h);
    ocrvl_status st = e.code ? failed(e, err) : read_image(img, h, max_pixels, err);
    heif_image_handle_release(h);
    heif_context_free(c);
    return st;
}

const ocrvl_picture_format ocrvl_picture_heif = {"image/heif", heif_sniff, NULL, heif_decode};
