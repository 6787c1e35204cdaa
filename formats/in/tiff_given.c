#include "in/tiff.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/jpeg_strips.h"

/* ---- fax data without decoding ----------------------------------------------------------------------- */

/* Whether a PDF can contain the page's data, joined if they are in several strips: ITU-T T.6 (Group 4) without its
 * uncompressed mode, upright. */
static bool is_fax(TIFF *tif, const ocrvl_tiff_layout *l, unsigned orientation)
{
    uint16_t compression = 0;
    uint32_t options = 0;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    TIFFGetField(tif, TIFFTAG_GROUP4OPTIONS, &options);
    return compression == COMPRESSION_CCITTFAX4 && !(options & GROUP4OPT_UNCOMPRESSED) && l->bits == 1 &&
           l->samples == 1 && !l->tiled && l->channels == 1 && !l->foreign && orientation == ORIENTATION_TOPLEFT;
}

/* Takes one strip: its bytes in the file, or a copy with the bits of each byte reversed. */
static bool take_strip(ocrvl_tiff *d, TIFF *tif, ocrvl_page_place *place)
{
    uint16_t order = FILLORDER_MSB2LSB;
    uint64_t at = TIFFGetStrileOffset(tif, 0), n = TIFFGetStrileByteCount(tif, 0);
    TIFFGetFieldDefaulted(tif, TIFFTAG_FILLORDER, &order);
    if (n == 0 || at > d->len || n > d->len - at)
        return false;
    place->original = d->data + at;
    place->original_len = (size_t)n;
    if (order == FILLORDER_MSB2LSB)
        return true;
    d->fax = ocrvl_alloc((size_t)n);
    if (!d->fax)
        return false;
    memcpy(d->fax, d->data + at, (size_t)n);
    TIFFReverseBits(d->fax, (tmsize_t)n);
    place->original = d->fax;
    return true;
}

/* libtiff's output function of a file that is written to d->fax. */
static tmsize_t write_fax(thandle_t h, void *from, tmsize_t n)
{
    ocrvl_tiff_cursor *c = h;
    ocrvl_tiff *d = (ocrvl_tiff *)(uintptr_t)c->d;
    if (n < 0 || c->at + (uint64_t)n > SIZE_MAX / 2)
        return -1;
    size_t end = (size_t)c->at + (size_t)n, before = d->fax_cap;
    if (!OCRVL_ARRAY_RESERVE(d->fax, d->fax_cap, end))
        return -1;
    if (d->fax_cap > before)
        memset(d->fax + before, 0, d->fax_cap - before);
    memcpy(d->fax + c->at, from, (size_t)n);
    c->at = end;
    d->fax_len = end > d->fax_len ? end : d->fax_len;
    return n;
}

static tmsize_t read_fax(thandle_t h, void *to, tmsize_t n)
{
    ocrvl_tiff_cursor *c = h;
    if (n <= 0 || c->at >= c->d->fax_len)
        return 0;
    size_t room = c->d->fax_len - (size_t)c->at, take = (size_t)n < room ? (size_t)n : room;
    memcpy(to, c->d->fax + c->at, take);
    c->at += take;
    return (tmsize_t)take;
}

static toff_t seek_fax(thandle_t h, toff_t offset, int whence)
{
    ocrvl_tiff_cursor *c = h;
    c->at = offset + (whence == SEEK_CUR ? c->at : whence == SEEK_END ? c->d->fax_len : 0);
    return c->at;
}

static toff_t size_fax(thandle_t h) { return ((ocrvl_tiff_cursor *)h)->d->fax_len; }

/* The rows as bits, where 1 is black. Returns NULL if memory is exhausted. */
static uint8_t *make_bits(const ocrvl_image *img)
{
    size_t stride = ((size_t)img->width + 7) / 8;
    uint8_t *bits = ocrvl_alloc_array(stride, img->height);
    for (size_t y = 0; y < img->height && bits; y++)
        for (size_t x = 0; x < img->width; x++)
            if (!img->data[y * img->width + x])
                bits[y * stride + x / 8] |= (uint8_t)(0x80 >> x % 8);
    return bits;
}

/* Joins several strips, which are coded separately: libtiff codes them again, into a TIFF of their own. */
static bool join_strips(ocrvl_tiff *d, const ocrvl_image *img, ocrvl_page_place *place)
{
    ocrvl_tiff_cursor c = {.d = d};
    d->fax_len = d->fax_cap = 0;
    uint8_t *bits = make_bits(img);
    TIFFOpenOptions *o = bits ? TIFFOpenOptionsAlloc() : NULL;
    if (!o) {
        ocrvl_free(bits);
        return false;
    }
    TIFFOpenOptionsSetErrorHandlerExtR(o, ocrvl_tiff_on_error, d);
    TIFFOpenOptionsSetWarningHandlerExtR(o, ocrvl_tiff_on_warning, d);
    TIFF *tif = TIFFClientOpenExt("", "w", &c, read_fax, write_fax, seek_fax, ocrvl_tiff_close_nothing, size_fax, NULL,
                                  NULL, o);
    TIFFOpenOptionsFree(o);
    bool fine = tif && TIFFSetField(tif, TIFFTAG_IMAGEWIDTH, img->width) &&
                TIFFSetField(tif, TIFFTAG_IMAGELENGTH, img->height) && TIFFSetField(tif, TIFFTAG_BITSPERSAMPLE, 1) &&
                TIFFSetField(tif, TIFFTAG_SAMPLESPERPIXEL, 1) &&
                TIFFSetField(tif, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4) &&
                TIFFSetField(tif, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE) &&
                TIFFSetField(tif, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) &&
                TIFFSetField(tif, TIFFTAG_ROWSPERSTRIP, img->height);
    tmsize_t n = (tmsize_t)(((size_t)img->width + 7) / 8 * img->height);
    fine = fine && TIFFWriteEncodedStrip(tif, 0, bits, n) == n && TIFFFlushData(tif);
    uint64_t at = fine ? TIFFGetStrileOffset(tif, 0) : 0, len = fine ? TIFFGetStrileByteCount(tif, 0) : 0;
    if (tif)
        TIFFClose(tif);
    ocrvl_free(bits);
    if (!fine || len == 0 || at > d->fax_len || len > d->fax_len - at)
        return false;
    place->original = d->fax + at;
    place->original_len = (size_t)len;
    return true;
}

void ocrvl_tiff_give_fax(ocrvl_tiff *d, TIFF *tif, const ocrvl_tiff_layout *l, unsigned orientation,
                         const ocrvl_image *img, ocrvl_page_place *place)
{
    if (!is_fax(tif, l, orientation))
        return;
    bool one = TIFFNumberOfStrips(tif) == 1;
    if (!one && !d->originals)
        return;
    if (one ? take_strip(d, tif, place) : join_strips(d, img, place))
        place->original_type = one && l->photometric == PHOTOMETRIC_MINISBLACK ? "image/g4-negative" : "image/g4";
    else
        place->original = NULL;
}

/* ---- JPEG data without decoding ---------------------------------------------------------------------- */

static bool is_jpeg(TIFF *tif, const ocrvl_tiff_layout *l)
{
    uint16_t compression = 0;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    bool grey = l->photometric == PHOTOMETRIC_MINISBLACK && l->samples == 1;
    bool colours = (l->photometric == PHOTOMETRIC_YCBCR || l->photometric == PHOTOMETRIC_RGB) && l->samples == 3;
    return compression == COMPRESSION_JPEG && l->bits == 8 && (grey || colours) && !l->separate && !l->foreign;
}

/* The data of all strips or tiles. Returns NULL if they aren't all in the file, or if memory is exhausted. */
static ocrvl_jpeg_bytes *list_strips(const ocrvl_tiff *d, TIFF *tif, uint32_t count)
{
    ocrvl_jpeg_bytes *strips = ocrvl_alloc_array(count, sizeof *strips);
    for (uint32_t i = 0; strips && i < count; i++) {
        uint64_t at = TIFFGetStrileOffset(tif, i), n = TIFFGetStrileByteCount(tif, i);
        if (at > d->len || n > d->len - at) {
            ocrvl_free(strips);
            return NULL;
        }
        strips[i] = (ocrvl_jpeg_bytes){d->data + at, (size_t)n};
    }
    return strips;
}

void ocrvl_tiff_give_jpeg(ocrvl_tiff *d, TIFF *tif, const ocrvl_tiff_layout *l, unsigned orientation,
                          ocrvl_page_place *place)
{
    uint32_t count = l->tiled ? TIFFNumberOfTiles(tif) : TIFFNumberOfStrips(tif), len = 0;
    void *tables = NULL;
    if (!d->originals || !is_jpeg(tif, l))
        return;
    ocrvl_jpeg_bytes *strips = list_strips(d, tif, count);
    if (!strips)
        return;
    if (!TIFFGetField(tif, TIFFTAG_JPEGTABLES, &len, &tables))
        len = 0;
    ocrvl_jpeg_strips all = {.tables = {tables, len},
                             .strips = strips,
                             .count = count,
                             .width = l->width,
                             .height = l->height,
                             .across = l->block_width,
                             .rows = l->block_height,
                             .components = l->samples,
                             .orientation = orientation >= 1 && orientation <= 8 ? orientation : 1,
                             .ycc = l->photometric == PHOTOMETRIC_YCBCR};
    bool joined = !l->tiled && ocrvl_jpeg_join_strips(&d->jpeg, &all);
    if (!joined) {
        ocrvl_buf_clear(&d->jpeg);
        joined = ocrvl_jpeg_join_blocks(&d->jpeg, &all);
    }
    if (joined) {
        place->original = d->jpeg.data;
        place->original_len = d->jpeg.len;
        place->original_type = "image/jpeg";
    }
    ocrvl_free(strips);
}
