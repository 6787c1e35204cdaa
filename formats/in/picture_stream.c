/* A document of images that follow one another in the input: one PNG, JPEG, PNM, WebP, GIF,
 * BMP, JPEG 2000 or HEIF file, or several in a stream. */
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "in/pixels.h"
#include "in/source.h"

typedef struct picture {
    const ocrvl_picture_format *format; /* NULL for bytes after an image that are not an image */
    size_t offset, len;
} picture;

typedef struct pictures {
    const uint8_t *data;
    uint64_t max_pixels;
    picture *list;
    size_t count, cap;
} pictures;

static const ocrvl_picture_format *sniff_picture(const uint8_t *data, size_t len)
{
    static const ocrvl_picture_format *const formats[] = {&ocrvl_picture_png,  &ocrvl_picture_jpeg, &ocrvl_picture_pnm,
                                                          &ocrvl_picture_webp, &ocrvl_picture_gif,  &ocrvl_picture_bmp,
                                                          &ocrvl_picture_jp2,  &ocrvl_picture_heif};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->sniff(data, len))
            return formats[i];
    return NULL;
}

static bool sniff(const uint8_t *data, size_t len) { return sniff_picture(data, len) != NULL; }

static ocrvl_status add(pictures *p, picture add, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(p->list, p->cap, p->count + 1))
        return ocrvl_fail_nomem(err);
    p->list[p->count++] = add;
    return OCRVL_OK;
}

static void pictures_free(void *doc)
{
    pictures *p = doc;
    ocrvl_free(p->list);
    ocrvl_free(p);
}

/* Skips line ends and NUL bytes that writers leave between images. */
static size_t skip_padding(const uint8_t *data, size_t len, size_t i)
{
    while (i < len && (data[i] == 0 || data[i] == '\n' || data[i] == '\r' || data[i] == ' ' || data[i] == '\t'))
        i++;
    return i;
}

static ocrvl_status find(pictures *p, size_t len, uint64_t most, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; st == OCRVL_OK && i < len && p->count <= most; i = skip_padding(p->data, len, i)) {
        picture pic = {.format = sniff_picture(p->data + i, len - i), .offset = i, .len = len - i};
        if (pic.format)
            pic.len = pic.format->extent ? pic.format->extent(p->data + i, len - i) : pic.len;
        /* Cameras leave all kinds of data after a JPEG; after other formats they may be an image that was lost. */
        else if (p->list[p->count - 1].format == &ocrvl_picture_jpeg)
            return OCRVL_OK;
        st = add(p, pic, err);
        i += pic.len;
    }
    return st;
}

static ocrvl_status pictures_open(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err)
{
    *doc = NULL;
    pictures *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    p->data = in->data;
    p->max_pixels = in->opt->max_pixels;
    uint64_t from = in->opt->first_page ? in->opt->first_page - 1 : 0;
    for (size_t i = 0; i < in->opt->span_count; i++)
        from = in->opt->spans[i].first > from ? in->opt->spans[i].first : from;
    uint64_t most = from < UINT64_MAX - in->opt->max_pages ? from + in->opt->max_pages : UINT64_MAX;
    ocrvl_status st = find(p, in->len, most, err);
    if (st) {
        pictures_free(p);
        return st;
    }
    *doc = p;
    *pages = p->count;
    return OCRVL_OK;
}

static ocrvl_status pictures_page(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place,
                                  ocrvl_error *err)
{
    pictures *p = doc;
    const picture *pic = &p->list[index];
    *img = NULL;
    if (!pic->format) {
        ocrvl_fail(err, OCRVL_E_FORMAT, "%llu bytes at offset %llu are not an image of a known format",
                   (unsigned long long)pic->len, (unsigned long long)pic->offset);
        if (err)
            err->offset = pic->offset;
        return OCRVL_E_FORMAT;
    }
    place->media_type = place->original_type = pic->format->media_type;
    place->original = p->data + pic->offset;
    place->original_len = pic->len;
    bool cut = false;
    ocrvl_status st = pic->format->decode(img, p->data + pic->offset, pic->len, p->max_pixels, &cut, err);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
    } else {
        ocrvl_pixels_doubt_density(*img);
    }
    place->damage = cut ? OCRVL_CUT_IMAGE : NULL;
    if (cut || pic->format == &ocrvl_picture_jp2) /* which colours its data have isn't proved */
        place->original = NULL;
    if (st && err && err->offset)
        err->offset += pic->offset;
    return st;
}

const ocrvl_document_format ocrvl_format_pictures = {"application/octet-stream", sniff, pictures_open, pictures_free,
                                                     pictures_page};
