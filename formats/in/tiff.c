/* TIFF by libtiff: every page of the chain, strips and tiles, any compression that libtiff knows. Grey and bilevel
 * pages give 1 channel; palettes, RGB and CMYK give 3; everything else (YCbCr, Lab) goes through libtiff's own
 * conversion. Signed and floating samples are scaled by their range (in/samples.h). */
#include <stdio.h>
#include <string.h>

#include <tiffio.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/jpeg_strips.h"
#include "in/pixels.h"
#include "in/samples.h"
#include "in/source.h"

/* Tiles may be larger than the image, but not so large that a small file demands much memory. */
#define MAX_LOOSE_TILE (4096u * 4096u)
/* Includes thumbnails. document.c enforces the caller's limit of pages. */
#define MAX_DIRECTORIES (1u << 20)

/* ---- the chain of directories ------------------------------------------------------------------------ */

typedef struct document {
    const uint8_t *data;
    size_t len;
    bool big_endian, big; /* big: BigTIFF */
    uint64_t max_pixels;
    bool originals;
    uint64_t *pages; /* offsets of directories; 0 where the chain becomes a cycle */
    size_t count, cap;
    char message[160]; /* the first error of libtiff */
    bool cut;          /* the last page's data ended early */
    uint8_t *fax;      /* the last page's fax data, if they had to be made */
    size_t fax_len, fax_cap;
    ocrvl_buf jpeg; /* the last page's JPEG file, if its data are one */
} document;

static bool tiff_sniff(const uint8_t *d, size_t len)
{
    return len >= 8 && (memcmp(d, "II*\0", 4) == 0 || memcmp(d, "MM\0*", 4) == 0 || memcmp(d, "II+\0", 4) == 0 ||
                        memcmp(d, "MM\0+", 4) == 0);
}

/* Reads n bytes at `at`; 0 if they aren't all in the file. */
static uint64_t get(const document *d, uint64_t at, unsigned n)
{
    uint64_t v = 0;
    if (at > d->len || d->len - at < n)
        return 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 8 | d->data[at + (d->big_endian ? i : n - 1 - i)];
    return v;
}

/* Whether the directory is a thumbnail or a mask of another one: NewSubfileType (254) bit 0 or 2. */
static bool is_secondary(const document *d, uint64_t dir, uint64_t entries)
{
    uint64_t first = dir + (d->big ? 8 : 2), step = d->big ? 20 : 12;
    for (uint64_t i = 0; i < entries && i < 8; i++) { /* entries are sorted by tag: 254 is the first */
        uint64_t e = first + i * step;
        if (get(d, e, 2) == 254)
            return (get(d, e + (d->big ? 12 : 8), get(d, e + 2, 2) == 3 ? 2 : 4) & 5) != 0;
    }
    return false;
}

static ocrvl_status add_page(document *d, uint64_t dir, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(d->pages, d->cap, d->count + 1))
        return ocrvl_fail_nomem(err);
    d->pages[d->count++] = dir;
    return OCRVL_OK;
}

/* Lists all directories. One that lies outside the file ends the list; reading it gives the error. */
static ocrvl_status walk(document *d, ocrvl_error *err)
{
    uint64_t dir = d->big ? get(d, 8, 8) : get(d, 4, 4), marker = 0;
    size_t steps = 0, power = 1; /* Brent's search for a cycle: its length is `steps` when dir meets the marker */
    while (dir) {
        if (dir == marker) {
            size_t i = 0;
            while (i + steps < d->count && d->pages[i] != d->pages[i + steps])
                i++;
            d->count = i + steps;
            return add_page(d, 0, err);
        }
        if (d->count == MAX_DIRECTORIES)
            return ocrvl_fail(err, OCRVL_E_LIMIT, "TIFF: more than %u pages", MAX_DIRECTORIES);
        if (steps == power || !marker) {
            marker = dir;
            power *= 2;
            steps = 0;
        }
        ocrvl_status st = add_page(d, dir, err);
        if (st)
            return st;
        steps++;
        uint64_t entries = get(d, dir, d->big ? 8 : 2), step = d->big ? 20 : 12;
        if (dir > d->len || entries > d->len / step)
            break;
        dir = get(d, dir + (d->big ? 8 : 2) + entries * step, d->big ? 8 : 4);
    }
    return OCRVL_OK;
}

/* Drops thumbnails and masks, unless there is nothing else. */
static void drop_secondary(document *d)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->count; i++) /* counts first, because nothing is moved if nothing would be left */
        kept += d->pages[i] && !is_secondary(d, d->pages[i], get(d, d->pages[i], d->big ? 8 : 2));
    if (kept == 0)
        return;
    kept = 0;
    for (size_t i = 0; i < d->count; i++)
        if (!d->pages[i] || !is_secondary(d, d->pages[i], get(d, d->pages[i], d->big ? 8 : 2)))
            d->pages[kept++] = d->pages[i];
    d->count = kept;
}

static void tiff_free(void *doc)
{
    document *d = doc;
    ocrvl_free(d->pages);
    ocrvl_free(d->fax);
    ocrvl_buf_free(&d->jpeg);
    ocrvl_free(d);
}

static ocrvl_status tiff_open(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err)
{
    *doc = NULL;
    document *d = ocrvl_alloc(sizeof *d);
    if (!d)
        return ocrvl_fail_nomem(err);
    d->data = in->data;
    d->len = in->len;
    d->max_pixels = in->opt->max_pixels;
    d->originals = in->opt->originals;
    d->big_endian = in->data[0] == 'M';
    d->big = in->data[d->big_endian ? 3 : 2] == '+';
    ocrvl_status st = walk(d, err);
    if (st == OCRVL_OK)
        drop_secondary(d);
    if (st == OCRVL_OK && d->count == 0)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the TIFF has no page");
    if (st) {
        tiff_free(d);
        return st;
    }
    *doc = d;
    *pages = d->count;
    return OCRVL_OK;
}

/* ---- libtiff over memory ----------------------------------------------------------------------------- */

static int on_error(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap)
{
    document *d = user;
    (void)tif;
    (void)module;
    if (!d->message[0])
        vsnprintf(d->message, sizeof d->message, fmt, ap);
    return 1; /* handled, so that it isn't printed */
}

/* For a fax or JPEG strip that ends early libtiff returns what there is, and white or grey below. */
static int on_warning(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap)
{
    document *d = user;
    char text[160];
    (void)tif;
    (void)module;
    vsnprintf(text, sizeof text, fmt, ap);
    if (!d->cut && (strstr(text, "Premature EOF") || strstr(text, "remature end of"))) {
        d->cut = true;
        memcpy(d->message, text, sizeof text);
    }
    return 1;
}

/* Everything is mapped, so libtiff reads through these functions only at the very start. */
typedef struct cursor {
    const document *d;
    uint64_t at;
} cursor;

static tmsize_t read_bytes(thandle_t h, void *to, tmsize_t n)
{
    cursor *c = h;
    if (n <= 0 || c->at >= c->d->len)
        return 0;
    size_t room = c->d->len - c->at, take = (size_t)n < room ? (size_t)n : room;
    memcpy(to, c->d->data + c->at, take);
    c->at += take;
    return (tmsize_t)take;
}

static tmsize_t write_bytes(thandle_t h, void *from, tmsize_t n)
{
    (void)h;
    (void)from;
    (void)n;
    return -1;
}

static toff_t seek(thandle_t h, toff_t offset, int whence)
{
    cursor *c = h;
    c->at = offset + (whence == SEEK_CUR ? c->at : whence == SEEK_END ? c->d->len : 0);
    return c->at;
}

static int close_nothing(thandle_t h)
{
    (void)h;
    return 0;
}

static toff_t size(thandle_t h) { return ((cursor *)h)->d->len; }

static int map(thandle_t h, void **base, toff_t *n)
{
    const document *d = ((cursor *)h)->d;
    *base = (void *)(uintptr_t)d->data;
    *n = d->len;
    return 1;
}

static void unmap(thandle_t h, void *base, toff_t n)
{
    (void)h;
    (void)base;
    (void)n;
}

/* What a piece of memory for one page may take; 0: anything. */
static uint64_t most_bytes(const document *d)
{
    return d->max_pixels < (UINT64_MAX >> 8) ? d->max_pixels * 8 + (1 << 20) : 0;
}

static TIFF *open_tiff(document *d, cursor *c)
{
    TIFFOpenOptions *o = TIFFOpenOptionsAlloc();
    if (!o)
        return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(o, on_error, d);
    TIFFOpenOptionsSetWarningHandlerExtR(o, on_warning, d);
    uint64_t most = most_bytes(d);
    TIFFOpenOptionsSetMaxSingleMemAlloc(o, most <= (uint64_t)TIFF_TMSIZE_T_MAX ? (tmsize_t)most : 0);
    /* h: only the header, because the first directory may be the broken one */
    TIFF *tif = TIFFClientOpenExt("", "rh", c, read_bytes, write_bytes, seek, close_nothing, size, map, unmap, o);
    TIFFOpenOptionsFree(o);
    return tif;
}

static ocrvl_status fail(const document *d, ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: %s", d->message[0] ? d->message : "the page cannot be read");
}

/* ---- one page ---------------------------------------------------------------------------------------- */

typedef struct layout {
    uint32_t width, height;
    uint16_t bits, samples, photometric, format; /* format: SAMPLEFORMAT_* */
    uint32_t block_width, block_height;          /* of a tile or strip */
    bool tiled, separate;                        /* separate: one plane for each sample */
    unsigned channels, inks;                     /* of the result; inks: samples that are used, without alpha */
    unsigned alpha;                              /* index of the alpha sample; 0 means none */
    bool associated;                             /* colours are multiplied by alpha already */
    bool foreign;                                /* libtiff converts to RGBA */
    uint8_t *map;                                /* for palettes: [1 << bits][3] */
    ocrvl_samples scale;                         /* of the samples of colours */
} layout;

static void read_alpha(layout *l, TIFF *tif)
{
    uint16_t n = 0, *types = NULL;
    if (l->samples > l->inks && TIFFGetField(tif, TIFFTAG_EXTRASAMPLES, &n, &types))
        for (unsigned i = 0; i < n && !l->alpha && l->inks + i < l->samples; i++)
            if (types[i] == EXTRASAMPLE_ASSOCALPHA || types[i] == EXTRASAMPLE_UNASSALPHA) {
                l->alpha = l->inks + i;
                l->associated = types[i] == EXTRASAMPLE_ASSOCALPHA;
            }
}

static ocrvl_status read_palette(layout *l, TIFF *tif, ocrvl_error *err)
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
static ocrvl_status read_colours(layout *l, TIFF *tif, uint16_t compression, ocrvl_error *err)
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

static ocrvl_status read_layout(layout *l, TIFF *tif, ocrvl_error *err)
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
static void put_pixel(uint8_t *to, uint8_t *alpha, const layout *l, const uint8_t in[5])
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
static const uint8_t *find_sample(const layout *l, const uint8_t *const planes[5], size_t x, unsigned c, size_t *i)
{
    *i = l->separate ? x : x * l->samples + (c < l->inks ? c : l->alpha);
    return planes[l->separate ? c : 0];
}

/* planes: the row in each plane, or in planes[0] for all samples of a pixel side by side. alpha: [width], or NULL. */
static void put_row(uint8_t *to, uint8_t *alpha, const layout *l, const uint8_t *const planes[5], size_t width)
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
    uint8_t *data;   /* [planes][size] */
    tmsize_t size;   /* bytes of a plane's strip or tile */
    tmsize_t row;    /* bytes of a row */
    unsigned planes; /* 1 if a pixel's samples are side by side */
} blocks;

/* Reads the block that begins at (x, y), of which `height` rows are on the page. */
static bool read_block(const blocks *b, TIFF *tif, const layout *l, uint32_t x, uint32_t y, uint32_t height)
{
    tmsize_t want = l->tiled ? b->size : b->row * (tmsize_t)height;
    for (unsigned p = 0; p < b->planes; p++) {
        uint16_t s = (uint16_t)(p < l->inks ? p : l->alpha);
        uint8_t *to = b->data + p * (size_t)b->size;
        tmsize_t got = l->tiled ? TIFFReadEncodedTile(tif, TIFFComputeTile(tif, x, y, 0, s), to, want)
                                : TIFFReadEncodedStrip(tif, TIFFComputeStrip(tif, y, s), to, want);
        if (got < want)
            return false;
    }
    return true;
}

/* What becomes of blocks: pixels, or with img NULL the range of their samples, in l->scale. */
typedef struct sink {
    ocrvl_image *img;
    uint8_t *alpha; /* [height][width], or NULL */
} sink;

static void measure_row(layout *l, const uint8_t *const planes[5], size_t width)
{
    for (size_t x = 0; x < width; x++)
        for (unsigned c = 0; c < l->inks; c++) {
            size_t i;
            const uint8_t *row = find_sample(l, planes, x, c, &i);
            ocrvl_samples_measure(&l->scale, row, i);
        }
}

static void put_block(const sink *to, const blocks *b, layout *l, uint32_t x, uint32_t y, uint32_t height)
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
static bool ends_early(const document *d, TIFF *tif, const layout *l, uint32_t x, uint32_t y)
{
    uint32_t n = l->tiled ? TIFFComputeTile(tif, x, y, 0, 0) : TIFFComputeStrip(tif, y, 0);
    uint64_t at = TIFFGetStrileOffset(tif, n), len = TIFFGetStrileByteCount(tif, n);
    return at > d->len || len > d->len - at;
}

static ocrvl_status pass_blocks(const sink *to, TIFF *tif, layout *l, document *d, ocrvl_error *err)
{
    blocks b = {.size = l->tiled ? TIFFTileSize(tif) : TIFFStripSize(tif),
                .row = l->tiled ? TIFFTileRowSize(tif) : TIFFScanlineSize(tif),
                .planes = l->separate ? l->inks + (l->alpha > 0) : 1};
    uint64_t row_samples = (uint64_t)l->block_width * (l->separate ? 1 : l->samples);
    if (b.size <= 0 || b.row <= 0 || (uint64_t)b.row < (row_samples * l->bits + 7) / 8 ||
        (uint64_t)b.size / (uint64_t)b.row < l->block_height)
        return fail(d, err);
    if (most_bytes(d) && (uint64_t)b.size > most_bytes(d))
        return ocrvl_fail(err, OCRVL_E_LIMIT, "TIFF: strips or tiles of %lld bytes are over the limit",
                          (long long)b.size);
    b.data = ocrvl_alloc_array(b.planes, (size_t)b.size);
    ocrvl_status st = b.data ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (uint32_t y = 0; st == OCRVL_OK && y < l->height; y += l->block_height) {
        uint32_t height = l->height - y < l->block_height ? l->height - y : l->block_height;
        for (uint32_t x = 0; st == OCRVL_OK && x < l->width; x += l->block_width) {
            if (read_block(&b, tif, l, x, y, height))
                put_block(to, &b, l, x, y, height);
            else if (y > 0 && ends_early(d, tif, l, x, y))
                d->cut = true;
            else
                st = fail(d, err);
        }
    }
    ocrvl_free(b.data);
    return st;
}

/* Signed and floating samples are passed over twice: their range says what they mean. */
static ocrvl_status read_blocks(ocrvl_image *img, uint8_t *alpha, TIFF *tif, layout *l, document *d, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    if (l->scale.kind != OCRVL_SAMPLE_UNSIGNED) {
        st = pass_blocks(&(sink){0}, tif, l, d, err);
        ocrvl_samples_settle(&l->scale);
    }
    return st ? st : pass_blocks(&(sink){img, alpha}, tif, l, d, err);
}

/* Reads through libtiff's conversion, in bands of whole strips or tiles. Its colours are multiplied by alpha. */
static ocrvl_status read_foreign(ocrvl_image *img, uint8_t *alpha, TIFF *tif, const layout *l, document *d,
                                 ocrvl_error *err)
{
    TIFFRGBAImage rgba;
    char message[1024] = "";
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
            st = fail(d, err);
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

/* ---- fax data without decoding ----------------------------------------------------------------------- */

/* Whether a PDF can contain the page's data, joined if they are in several strips: ITU-T T.6 (Group 4) without its
 * uncompressed mode, upright. */
static bool is_fax(TIFF *tif, const layout *l, unsigned orientation)
{
    uint16_t compression = 0;
    uint32_t options = 0;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    TIFFGetField(tif, TIFFTAG_GROUP4OPTIONS, &options);
    return compression == COMPRESSION_CCITTFAX4 && !(options & GROUP4OPT_UNCOMPRESSED) && l->bits == 1 &&
           l->samples == 1 && !l->tiled && l->channels == 1 && !l->foreign && orientation == ORIENTATION_TOPLEFT;
}

/* Takes one strip: its bytes in the file, or a copy with the bits of each byte reversed. */
static bool take_strip(document *d, TIFF *tif, ocrvl_page_place *place)
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
    cursor *c = h;
    document *d = (document *)(uintptr_t)c->d;
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
    cursor *c = h;
    if (n <= 0 || c->at >= c->d->fax_len)
        return 0;
    size_t room = c->d->fax_len - (size_t)c->at, take = (size_t)n < room ? (size_t)n : room;
    memcpy(to, c->d->fax + c->at, take);
    c->at += take;
    return (tmsize_t)take;
}

static toff_t seek_fax(thandle_t h, toff_t offset, int whence)
{
    cursor *c = h;
    c->at = offset + (whence == SEEK_CUR ? c->at : whence == SEEK_END ? c->d->fax_len : 0);
    return c->at;
}

static toff_t size_fax(thandle_t h) { return ((cursor *)h)->d->fax_len; }

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
static bool join_strips(document *d, const ocrvl_image *img, ocrvl_page_place *place)
{
    cursor c = {.d = d};
    d->fax_len = d->fax_cap = 0;
    uint8_t *bits = make_bits(img);
    TIFFOpenOptions *o = bits ? TIFFOpenOptionsAlloc() : NULL;
    if (!o) {
        ocrvl_free(bits);
        return false;
    }
    TIFFOpenOptionsSetErrorHandlerExtR(o, on_error, d);
    TIFFOpenOptionsSetWarningHandlerExtR(o, on_warning, d);
    TIFF *tif = TIFFClientOpenExt("", "w", &c, read_fax, write_fax, seek_fax, close_nothing, size_fax, NULL, NULL, o);
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

/* Provides the page's fax data if it has any; if not, or if that fails, there are still the pixels. */
static void give_fax(document *d, TIFF *tif, const layout *l, unsigned orientation, const ocrvl_image *img,
                     ocrvl_page_place *place)
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

static bool is_jpeg(TIFF *tif, const layout *l, unsigned orientation)
{
    uint16_t compression = 0;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    bool grey = l->photometric == PHOTOMETRIC_MINISBLACK && l->samples == 1;
    bool colours = (l->photometric == PHOTOMETRIC_YCBCR || l->photometric == PHOTOMETRIC_RGB) && l->samples == 3;
    return compression == COMPRESSION_JPEG && l->bits == 8 && (grey || colours) && !l->tiled && !l->separate &&
           !l->foreign && orientation == ORIENTATION_TOPLEFT;
}

/* Provides the page as a JPEG file if its data are JPEG; if not, or if that fails, there are still the pixels. */
static void give_jpeg(document *d, TIFF *tif, const layout *l, unsigned orientation, ocrvl_page_place *place)
{
    uint32_t count = TIFFNumberOfStrips(tif), len = 0;
    void *tables = NULL;
    if (!d->originals || !is_jpeg(tif, l, orientation))
        return;
    ocrvl_jpeg_bytes *strips = ocrvl_alloc_array(count, sizeof *strips);
    bool fine = strips != NULL;
    for (uint32_t i = 0; fine && i < count; i++) {
        uint64_t at = TIFFGetStrileOffset(tif, i), n = TIFFGetStrileByteCount(tif, i);
        fine = at <= d->len && n <= d->len - at;
        if (fine)
            strips[i] = (ocrvl_jpeg_bytes){d->data + at, (size_t)n};
    }
    if (!TIFFGetField(tif, TIFFTAG_JPEGTABLES, &len, &tables))
        len = 0;
    ocrvl_jpeg_strips all = {.tables = {tables, len},
                             .strips = strips,
                             .count = count,
                             .width = l->width,
                             .height = l->height,
                             .rows = l->block_height,
                             .components = l->samples,
                             .ycc = l->photometric == PHOTOMETRIC_YCBCR};
    if (fine && ocrvl_jpeg_join_strips(&d->jpeg, &all)) {
        place->original = d->jpeg.data;
        place->original_len = d->jpeg.len;
        place->original_type = "image/jpeg";
    }
    ocrvl_free(strips);
}

/* ---- the page ----------------------------------------------------------------------------------------- */

static void read_density(TIFF *tif, double *dpi_x, double *dpi_y)
{
    float x = 0, y = 0;
    uint16_t unit = RESUNIT_INCH;
    TIFFGetFieldDefaulted(tif, TIFFTAG_RESOLUTIONUNIT, &unit);
    double scale = unit == RESUNIT_INCH ? 1 : unit == RESUNIT_CENTIMETER ? 2.54 : 0;
    TIFFGetField(tif, TIFFTAG_XRESOLUTION, &x);
    TIFFGetField(tif, TIFFTAG_YRESOLUTION, &y);
    *dpi_x = x * scale;
    *dpi_y = y * scale;
}

/* Whether libtiff's own conversion may give alpha. */
static bool has_alpha(const layout *l) { return l->alpha || (l->foreign && l->samples > 3); }

static ocrvl_status read_pixels(ocrvl_image *img, TIFF *tif, layout *l, document *d, ocrvl_error *err)
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

static ocrvl_status read_page(ocrvl_image **img, TIFF *tif, document *d, ocrvl_page_place *place, ocrvl_error *err)
{
    layout l = {0};
    double dpi_x, dpi_y;
    uint16_t orientation = ORIENTATION_TOPLEFT;
    ocrvl_status st = read_layout(&l, tif, err);
    read_density(tif, &dpi_x, &dpi_y);
    TIFFGetFieldDefaulted(tif, TIFFTAG_ORIENTATION, &orientation);
    if (st == OCRVL_OK)
        st = ocrvl_image_new(img, l.width, l.height, l.channels, dpi_x, dpi_y, d->max_pixels, err);
    if (st == OCRVL_OK) {
        ocrvl_confine_room(OCRVL_ROOM_PICTURE * (uint64_t)l.width * l.height);
        st = read_pixels(*img, tif, &l, d, err);
    }
    if (st == OCRVL_OK)
        ocrvl_pixels_doubt_density(*img);
    if (st == OCRVL_OK && d->cut)
        place->damage = OCRVL_CUT_IMAGE;
    else if (st == OCRVL_OK) {
        give_fax(d, tif, &l, orientation, *img, place);
        give_jpeg(d, tif, &l, orientation, place);
    }
    ocrvl_free(l.map);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
        return st;
    }
    return ocrvl_pixels_orient(img, orientation, err);
}

static ocrvl_status tiff_page(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    document *d = doc;
    cursor c = {.d = d};
    *img = NULL;
    ocrvl_free(d->fax);
    d->fax = NULL;
    ocrvl_buf_clear(&d->jpeg);
    d->message[0] = '\0';
    d->cut = false;
    if (d->pages[index] == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: the chain of pages runs in a circle");
    TIFF *tif = open_tiff(d, &c);
    if (!tif)
        return fail(d, err);
    ocrvl_status st = TIFFSetSubDirectory(tif, d->pages[index]) ? read_page(img, tif, d, place, err) : fail(d, err);
    TIFFClose(tif);
    return st;
}

const ocrvl_document_format ocrvl_format_tiff = {"image/tiff", tiff_sniff, tiff_open, tiff_free, tiff_page};
