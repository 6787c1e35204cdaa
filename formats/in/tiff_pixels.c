#include "in/tiff.h"

#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/flate.h"
#include "in/pixels.h"

/* Tiles may be larger than the image, but not so large that a small file demands much memory. */
#define MAX_LOOSE_TILE (4096u * 4096u)

/* ---- what the samples are ---------------------------------------------------------------------------- */

static void read_alpha(ocrvl_tiff_layout *l, TIFF *tif)
{
    uint16_t n = 0, *types = NULL;
    if (l->samples > l->inks && TIFFGetField(tif, TIFFTAG_EXTRASAMPLES, &n, &types))
        for (unsigned i = 0; i < n && !l->alpha && l->inks + i < l->samples; i++)
            if (types[i] == EXTRASAMPLE_ASSOCALPHA || types[i] == EXTRASAMPLE_UNASSALPHA) {
                l->alpha = l->inks + i;
                l->associated = types[i] == EXTRASAMPLE_ASSOCALPHA;
            }
}

static ocrvl_status read_palette(ocrvl_tiff_layout *l, TIFF *tif, ocrvl_error *err)
{
    uint16_t *map[3];
    if (l->bits > 16 || !TIFFGetField(tif, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: a palette page has no colours");
    size_t n = (size_t)1 << l->bits;
    bool bytes = true; /* old writers left the upper half of the 16 bits empty */
    for (size_t i = 0; i < 3 * n && bytes; i++)
        bytes = map[i % 3][i / 3] < 256;
    l->map = ocrvl_alloc_array(n, 3);
    if (!l->map)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < 3 * n; i++)
        l->map[i] = (uint8_t)(map[i % 3][i / 3] >> (bytes ? 0 : 8));
    return OCRVL_OK;
}

/* Reads what the samples mean. */
static ocrvl_status read_colours(ocrvl_tiff_layout *l, TIFF *tif, uint16_t compression, ocrvl_error *err)
{
    uint16_t ink_set = INKSET_CMYK;
    l->channels = 3;
    l->inks = 3;
    switch (l->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK: l->channels = l->inks = 1; break;
    case PHOTOMETRIC_RGB: break;
    case PHOTOMETRIC_PALETTE: l->inks = 1; return read_palette(l, tif, err);
    case PHOTOMETRIC_SEPARATED:
        TIFFGetFieldDefaulted(tif, TIFFTAG_INKSET, &ink_set);
        l->inks = 4;
        if (ink_set != INKSET_CMYK)
            return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "TIFF: the inks are not CMYK");
        break;
    case PHOTOMETRIC_YCBCR:
        if (compression == COMPRESSION_JPEG && !l->separate)
            TIFFSetField(tif, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        else
            l->foreign = true;
        break;
    default: l->foreign = true;
    }
    if (l->foreign)
        return OCRVL_OK;
    if (l->samples < l->inks)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: %u samples a pixel are too few for their colours", l->samples);
    read_alpha(l, tif);
    return OCRVL_OK;
}

ocrvl_status ocrvl_tiff_layout_read(ocrvl_tiff_layout *l, TIFF *tif, ocrvl_error *err)
{
    uint16_t planar = PLANARCONFIG_CONTIG, compression = COMPRESSION_NONE;
    TIFFGetField(tif, TIFFTAG_IMAGEWIDTH, &l->width);
    TIFFGetField(tif, TIFFTAG_IMAGELENGTH, &l->height);
    TIFFGetFieldDefaulted(tif, TIFFTAG_BITSPERSAMPLE, &l->bits);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLESPERPIXEL, &l->samples);
    TIFFGetFieldDefaulted(tif, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLEFORMAT, &l->format);
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    if (!TIFFGetField(tif, TIFFTAG_PHOTOMETRIC, &l->photometric)) /* fax writers leave it out; paper is white */
        l->photometric = l->samples >= 3 ? PHOTOMETRIC_RGB
                         : l->bits == 1  ? PHOTOMETRIC_MINISWHITE
                                         : PHOTOMETRIC_MINISBLACK;
    l->separate = planar == PLANARCONFIG_SEPARATE && l->samples > 1;
    l->tiled = TIFFIsTiled(tif);
    l->block_width = l->width;
    if (l->tiled) {
        TIFFGetField(tif, TIFFTAG_TILEWIDTH, &l->block_width);
        TIFFGetField(tif, TIFFTAG_TILELENGTH, &l->block_height);
    } else
        TIFFGetFieldDefaulted(tif, TIFFTAG_ROWSPERSTRIP, &l->block_height);
    if (!l->tiled && l->block_height > l->height)
        l->block_height = l->height;
    if (l->width == 0 || l->height == 0 || l->block_width == 0 || l->block_height == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: the page has no pixels");
    uint64_t block = (uint64_t)l->block_width * l->block_height;
    if (l->tiled && block > MAX_LOOSE_TILE && block / 4 > (uint64_t)l->width * l->height)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "TIFF: tiles of %u x %u are too large for a page of %u x %u pixels",
                          l->block_width, l->block_height, l->width, l->height);
    if (!TIFFIsCODECConfigured(compression))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "TIFF: compression scheme %u is not supported", compression);
    bool map = l->photometric == PHOTOMETRIC_PALETTE; /* its samples are numbers of colours */
    ocrvl_sample_kind kind = map                                ? OCRVL_SAMPLE_UNSIGNED
                             : l->format == SAMPLEFORMAT_INT    ? OCRVL_SAMPLE_SIGNED
                             : l->format == SAMPLEFORMAT_IEEEFP ? OCRVL_SAMPLE_FLOAT
                                                                : OCRVL_SAMPLE_UNSIGNED;
    if (l->format == SAMPLEFORMAT_COMPLEXINT || l->format == SAMPLEFORMAT_COMPLEXIEEEFP)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "TIFF: the samples are complex numbers");
    if (!ocrvl_samples_begin(&l->scale, kind, l->bits))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "TIFF: %u bits per sample are not supported", l->bits);
    return read_colours(l, tif, compression, err);
}

/* Converts one pixel's samples of 8 bits each to its colours. */
static void put_pixel(uint8_t *to, uint8_t *alpha, const ocrvl_tiff_layout *l, const uint8_t in[5])
{
    uint8_t a = in[4];
    for (unsigned c = 0; c < l->channels; c++) {
        uint8_t v = l->inks == 4 ? (uint8_t)(((255 - in[c]) * (255 - in[3]) + 127) / 255) : in[c];
        if (l->photometric == PHOTOMETRIC_MINISWHITE)
            v ^= 255;
        if (l->alpha && l->associated)
            v = (uint8_t)(v > a ? 255 : v + 255 - a);
        to[c] = v;
        if (l->alpha && !l->associated) {
            uint8_t pair[2] = {v, a};
            ocrvl_pixels_lay_on_white(to + c, alpha, pair, 1, 1);
        }
    }
    *alpha = a;
}

/* The row that holds sample c of the used ones, and in *i which of its samples that of pixel x is. */
static const uint8_t *find_sample(const ocrvl_tiff_layout *l, const uint8_t *const planes[5], size_t x, unsigned c,
                                  size_t *i)
{
    *i = l->separate ? x : x * l->samples + (c < l->inks ? c : l->alpha);
    return planes[l->separate ? c : 0];
}

/* planes: the row in each plane, or in planes[0] for all samples of a pixel side by side. alpha: [width], or NULL. */
static void put_row(uint8_t *to, uint8_t *alpha, const ocrvl_tiff_layout *l, const uint8_t *const planes[5],
                    size_t width)
{
    uint8_t unused;
    if (l->bits == 8 && l->scale.kind == OCRVL_SAMPLE_UNSIGNED && !l->separate && !l->alpha &&
        l->samples == l->channels && !l->map && l->photometric != PHOTOMETRIC_MINISWHITE) {
        memcpy(to, planes[0], width * l->channels);
        return;
    }
    for (size_t x = 0; x < width; x++, to += l->channels) {
        uint8_t in[5] = {0, 0, 0, 0, 255};
        for (unsigned c = 0; c < l->inks + (l->alpha > 0); c++) {
            size_t i;
            const uint8_t *row = find_sample(l, planes, x, c, &i);
            if (c == 0 && l->map)
                memcpy(in, l->map + 3 * (size_t)ocrvl_sample_whole(&l->scale, row, i), 3);
            else
                in[c < l->inks ? c : 4] = ocrvl_sample_byte(&l->scale, row, i);
        }
        put_pixel(to, alpha ? alpha + x : &unused, l, in);
    }
}

/* One strip or tile of every plane that is used. */
typedef struct blocks {
    uint8_t *data;    /* [planes][size] */
    tmsize_t size;    /* bytes of a plane's strip or tile */
    tmsize_t row;     /* bytes of a row */
    unsigned planes;  /* 1 if a pixel's samples are side by side */
    uint8_t ground;   /* the bytes of white, or what comes nearest */
    bool differences; /* data are the differences of samples, of which a part is of no use */
    bool sums;        /* a sum stands at the end of each block's data */
} blocks;

/* The number of the block at (x, y) in plane p. */
static uint32_t block_number(TIFF *tif, const ocrvl_tiff_layout *l, uint32_t x, uint32_t y, unsigned p)
{
    uint16_t s = (uint16_t)(p < l->inks ? p : l->alpha);
    return l->tiled ? TIFFComputeTile(tif, x, y, 0, s) : TIFFComputeStrip(tif, y, s);
}

/* Reads the block that begins at (x, y), of which `height` rows are on the page. Returns false if not all of it can be
 * decoded: then it is b->ground where nothing is. *any is set if there is something. */
static bool read_block(const blocks *b, TIFF *tif, const ocrvl_tiff_layout *l, uint32_t x, uint32_t y, uint32_t height,
                       bool *any)
{
    tmsize_t want = l->tiled ? b->size : b->row * (tmsize_t)height;
    bool whole = true;
    for (unsigned p = 0; p < b->planes; p++) {
        uint32_t n = block_number(tif, l, x, y, p);
        uint8_t *to = b->data + p * (size_t)b->size;
        memset(to, b->ground, (size_t)b->size);
        tmsize_t got = l->tiled ? TIFFReadEncodedTile(tif, n, to, want) : TIFFReadEncodedStrip(tif, n, to, want);
        whole = whole && got >= want;
        if (got < want && b->differences)
            memset(to, b->ground, (size_t)b->size);
        *any |= got >= want || to[0] != b->ground || memcmp(to, to + 1, (size_t)want - 1) != 0;
    }
    return whole;
}

/* What becomes of blocks: pixels, or with img NULL the range of their samples, in l->scale. */
typedef struct sink {
    ocrvl_image *img;
    uint8_t *alpha; /* [height][width], or NULL */
} sink;

static void measure_row(ocrvl_tiff_layout *l, const uint8_t *const planes[5], size_t width)
{
    for (size_t x = 0; x < width; x++)
        for (unsigned c = 0; c < l->inks; c++) {
            size_t i;
            const uint8_t *row = find_sample(l, planes, x, c, &i);
            ocrvl_samples_measure(&l->scale, row, i);
        }
}

static void put_block(const sink *to, const blocks *b, ocrvl_tiff_layout *l, uint32_t x, uint32_t y, uint32_t height)
{
    uint32_t width = l->width - x < l->block_width ? l->width - x : l->block_width;
    for (uint32_t i = 0; i < height; i++) {
        const uint8_t *rows[5];
        for (unsigned p = 0; p < b->planes; p++)
            rows[p] = b->data + p * (size_t)b->size + i * (size_t)b->row;
        size_t at = (size_t)(y + i) * l->width + x;
        if (to->img)
            put_row(to->img->data + at * l->channels, to->alpha ? to->alpha + at : NULL, l, rows, width);
        else
            measure_row(l, rows, width);
    }
}

/* Whether the block's data go past the end of the file. */
static bool ends_early(const ocrvl_tiff *d, TIFF *tif, const ocrvl_tiff_layout *l, uint32_t x, uint32_t y)
{
    uint32_t n = block_number(tif, l, x, y, 0);
    uint64_t at = TIFFGetStrileOffset(tif, n), len = TIFFGetStrileByteCount(tif, n);
    return at > d->len || len > d->len - at;
}

/* Whether data have the sum of zlib's format. With the bits of bytes in another order it isn't read. */
static bool has_sums(TIFF *tif)
{
    uint16_t compression = COMPRESSION_NONE, order = FILLORDER_MSB2LSB;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(tif, TIFFTAG_FILLORDER, &order);
    return (compression == COMPRESSION_ADOBE_DEFLATE || compression == COMPRESSION_DEFLATE) &&
           order == FILLORDER_MSB2LSB;
}

/* Whether the sum of the block at (x, y) is wrong, before which libtiff stops as soon as it has the pixels. If there
 * are more pixels than those, libdeflate, by which libtiff reads whole blocks, gives none of the last ones, and from
 * then on zlib is used. */
static bool sum_is_wrong(const blocks *b, const ocrvl_tiff *d, TIFF *tif, const ocrvl_tiff_layout *l, uint32_t x,
                         uint32_t y, uint64_t want)
{
    bool wrong = false;
    for (unsigned p = 0; p < b->planes && !wrong; p++) {
        uint32_t n = block_number(tif, l, x, y, p);
        uint64_t at = TIFFGetStrileOffset(tif, n), len = TIFFGetStrileByteCount(tif, n), there = 0;
        if (at <= d->len && len <= d->len - at)
            wrong = ocrvl_flate_check(&there, d->data + at, (size_t)len, 2 * (uint64_t)b->size) == OCRVL_FLATE_BROKEN;
        if (there > want)
            TIFFSetField(tif, TIFFTAG_DEFLATE_SUBCODEC, DEFLATE_SUBCODEC_ZLIB);
    }
    return wrong;
}

/* Whether data are the differences of samples. libtiff takes it for an error to ask where they can't be. */
static bool has_differences(TIFF *tif)
{
    uint16_t compression = COMPRESSION_NONE, predictor = PREDICTOR_NONE;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    if (compression == COMPRESSION_LZW || compression == COMPRESSION_ADOBE_DEFLATE ||
        compression == COMPRESSION_DEFLATE || compression == COMPRESSION_ZSTD || compression == COMPRESSION_LZMA)
        TIFFGetFieldDefaulted(tif, TIFFTAG_PREDICTOR, &predictor);
    return predictor != PREDICTOR_NONE;
}

static ocrvl_status pass_blocks(const sink *to, TIFF *tif, ocrvl_tiff_layout *l, ocrvl_tiff *d, ocrvl_error *err)
{
    blocks b = {.size = l->tiled ? TIFFTileSize(tif) : TIFFStripSize(tif),
                .row = l->tiled ? TIFFTileRowSize(tif) : TIFFScanlineSize(tif),
                .planes = l->separate ? l->inks + (l->alpha > 0) : 1};
    b.differences = has_differences(tif);
    b.sums = has_sums(tif);
    b.ground = l->photometric == PHOTOMETRIC_MINISBLACK || l->photometric == PHOTOMETRIC_RGB ? 255 : 0;
    uint64_t row_samples = (uint64_t)l->block_width * (l->separate ? 1 : l->samples);
    if (b.size <= 0 || b.row <= 0 || (uint64_t)b.row < (row_samples * l->bits + 7) / 8 ||
        (uint64_t)b.size / (uint64_t)b.row < l->block_height)
        return ocrvl_tiff_fail(d, err);
    if (ocrvl_tiff_most_bytes(d) && (uint64_t)b.size > ocrvl_tiff_most_bytes(d))
        return ocrvl_fail(err, OCRVL_E_LIMIT, "TIFF: strips or tiles of %lld bytes are over the limit",
                          (long long)b.size);
    b.data = ocrvl_alloc_array(b.planes, (size_t)b.size);
    ocrvl_status st = b.data ? OCRVL_OK : ocrvl_fail_nomem(err);
    bool any = false;
    for (uint32_t y = 0; st == OCRVL_OK && y < l->height && (to->img || !ocrvl_samples_are_clear(&l->scale));
         y += l->block_height) {
        uint32_t height = l->height - y < l->block_height ? l->height - y : l->block_height;
        for (uint32_t x = 0; x < l->width; x += l->block_width) {
            uint64_t want = (uint64_t)(l->tiled ? b.size : b.row * (tmsize_t)height);
            d->cut |= b.sums && sum_is_wrong(&b, d, tif, l, x, y, want);
            bool whole = read_block(&b, tif, l, x, y, height, &any);
            d->cut |= !whole;
            if (whole || (to->img && !ends_early(d, tif, l, x, y)))
                put_block(to, &b, l, x, y, height);
        }
    }
    if (!st && !any)
        st = ocrvl_tiff_fail(d, err);
    ocrvl_free(b.data);
    return st;
}

/* Whether the range of samples says what they mean: of signed and floating ones, and of unsigned ones that may fill
 * fewer bits than they have, of which nothing would be seen. */
static bool has_range(const ocrvl_tiff_layout *l)
{
    return l->scale.kind != OCRVL_SAMPLE_UNSIGNED || (l->bits > 8 && !l->map);
}

/* Where 0 is paper, samples that are all low may be those of a page without ink, but not if they are so few. */
static bool is_range_sure(const ocrvl_tiff_layout *l)
{
    bool paper = l->photometric == PHOTOMETRIC_MINISWHITE || l->photometric == PHOTOMETRIC_SEPARATED;
    return l->scale.kind != OCRVL_SAMPLE_UNSIGNED || !paper || l->scale.most < 256;
}

/* Samples of which the range has to be known are passed over twice. */
static ocrvl_status read_blocks(ocrvl_image *img, uint8_t *alpha, TIFF *tif, ocrvl_tiff_layout *l, ocrvl_tiff *d,
                                ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    if (has_range(l)) {
        st = pass_blocks(&(sink){0}, tif, l, d, err);
        if (is_range_sure(l))
            ocrvl_samples_settle(&l->scale);
    }
    return st ? st : pass_blocks(&(sink){img, alpha}, tif, l, d, err);
}

/* Reads through libtiff's conversion, in bands of whole strips or tiles. Its colours are multiplied by alpha. */
static ocrvl_status read_foreign(ocrvl_image *img, uint8_t *alpha, TIFF *tif, const ocrvl_tiff_layout *l, ocrvl_tiff *d,
                                 ocrvl_error *err)
{
    TIFFRGBAImage rgba;
    char message[1024] = "";
    if (has_sums(tif)) /* see sum_is_wrong */
        TIFFSetField(tif, TIFFTAG_DEFLATE_SUBCODEC, DEFLATE_SUBCODEC_ZLIB);
    if (!TIFFRGBAImageOK(tif, message))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "TIFF: %s", message);
    if (!TIFFRGBAImageBegin(&rgba, tif, 1, message))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: %s", d->message[0] ? d->message : message);
    rgba.orientation = rgba.req_orientation = ORIENTATION_TOPLEFT; /* we rotate the page ourselves */
    uint32_t rows = l->block_height < l->height ? l->block_height : l->height;
    uint32_t *band = ocrvl_alloc_array((size_t)l->width * 4, rows);
    ocrvl_status st = band ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (uint32_t y = 0; st == OCRVL_OK && y < l->height; y += rows) {
        uint32_t h = l->height - y < rows ? l->height - y : rows;
        rgba.row_offset = (int)y;
        if (!TIFFRGBAImageGet(&rgba, band, l->width, h)) {
            st = ocrvl_tiff_fail(d, err);
            break;
        }
        uint8_t *to = img->data + (size_t)y * l->width * 3;
        for (size_t i = 0; i < (size_t)l->width * h; i++, to += 3) {
            uint32_t white = 255 - TIFFGetA(band[i]);
            if (alpha)
                *alpha++ = (uint8_t)TIFFGetA(band[i]);
            to[0] = (uint8_t)(TIFFGetR(band[i]) + white);
            to[1] = (uint8_t)(TIFFGetG(band[i]) + white);
            to[2] = (uint8_t)(TIFFGetB(band[i]) + white);
        }
    }
    ocrvl_free(band);
    TIFFRGBAImageEnd(&rgba);
    return st;
}

/* Whether libtiff's own conversion may give alpha. */
static bool has_alpha(const ocrvl_tiff_layout *l) { return l->alpha || (l->foreign && l->samples > 3); }

ocrvl_status ocrvl_tiff_pixels(ocrvl_image *img, TIFF *tif, ocrvl_tiff_layout *l, ocrvl_tiff *d, ocrvl_error *err)
{
    uint8_t *alpha = has_alpha(l) ? ocrvl_alloc_array(l->width, l->height) : NULL;
    if (has_alpha(l) && !alpha)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = l->foreign ? read_foreign(img, alpha, tif, l, d, err) : read_blocks(img, alpha, tif, l, d, err);
    if (!st && alpha && !d->cut)
        ocrvl_pixels_choose_ground(img, alpha);
    ocrvl_free(alpha);
    return st;
}
