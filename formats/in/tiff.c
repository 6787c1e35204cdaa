/* TIFF by libtiff: every page of the chain, strips and tiles, any compression that libtiff knows. Grey and bilevel
 * pages give 1 channel; palettes, RGB and CMYK give 3; everything else (YCbCr, Lab) goes through libtiff's own
 * conversion. Signed and floating samples are scaled by their range (in/samples.h). */
#include "in/tiff.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/pixels.h"

/* Includes thumbnails. document.c enforces the caller's limit of pages. */
#define MAX_DIRECTORIES (1u << 20)

/* ---- the chain of directories ------------------------------------------------------------------------ */

static bool tiff_sniff(const uint8_t *d, size_t len)
{
    return len >= 8 && (memcmp(d, "II*\0", 4) == 0 || memcmp(d, "MM\0*", 4) == 0 || memcmp(d, "II+\0", 4) == 0 ||
                        memcmp(d, "MM\0+", 4) == 0);
}

/* Reads n bytes at `at`; 0 if they aren't all in the file. */
static uint64_t get(const ocrvl_tiff *d, uint64_t at, unsigned n)
{
    uint64_t v = 0;
    if (at > d->len || d->len - at < n)
        return 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 8 | d->data[at + (d->big_endian ? i : n - 1 - i)];
    return v;
}

/* Whether the directory is a thumbnail or a mask of another one: NewSubfileType (254) bit 0 or 2. */
static bool is_secondary(const ocrvl_tiff *d, uint64_t dir, uint64_t entries)
{
    uint64_t first = dir + (d->big ? 8 : 2), step = d->big ? 20 : 12;
    for (uint64_t i = 0; i < entries && i < 8; i++) { /* entries are sorted by tag: 254 is the first */
        uint64_t e = first + i * step;
        if (get(d, e, 2) == 254)
            return (get(d, e + (d->big ? 12 : 8), get(d, e + 2, 2) == 3 ? 2 : 4) & 5) != 0;
    }
    return false;
}

static ocrvl_status add_page(ocrvl_tiff *d, uint64_t dir, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(d->pages, d->cap, d->count + 1))
        return ocrvl_fail_nomem(err);
    d->pages[d->count++] = dir;
    return OCRVL_OK;
}

/* Lists all directories. One that lies outside the file ends the list; reading it gives the error. */
static ocrvl_status walk(ocrvl_tiff *d, ocrvl_error *err)
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
static void drop_secondary(ocrvl_tiff *d)
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
    ocrvl_tiff *d = doc;
    ocrvl_free(d->pages);
    ocrvl_free(d->fax);
    ocrvl_buf_free(&d->jpeg);
    ocrvl_free(d);
}

static ocrvl_status tiff_open(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err)
{
    *doc = NULL;
    ocrvl_tiff *d = ocrvl_alloc(sizeof *d);
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

int ocrvl_tiff_on_error(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap)
{
    ocrvl_tiff *d = user;
    (void)tif;
    (void)module;
    if (!d->message[0])
        vsnprintf(d->message, sizeof d->message, fmt, ap);
    return 1; /* handled, so that it isn't printed */
}

/* For a fax or JPEG strip that ends early libtiff returns what there is, and white or grey below. */
int ocrvl_tiff_on_warning(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap)
{
    ocrvl_tiff *d = user;
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

static tmsize_t read_bytes(thandle_t h, void *to, tmsize_t n)
{
    ocrvl_tiff_cursor *c = h;
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
    ocrvl_tiff_cursor *c = h;
    c->at = offset + (whence == SEEK_CUR ? c->at : whence == SEEK_END ? c->d->len : 0);
    return c->at;
}

int ocrvl_tiff_close_nothing(thandle_t h)
{
    (void)h;
    return 0;
}

static toff_t size(thandle_t h) { return ((ocrvl_tiff_cursor *)h)->d->len; }

static int map(thandle_t h, void **base, toff_t *n)
{
    const ocrvl_tiff *d = ((ocrvl_tiff_cursor *)h)->d;
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

uint64_t ocrvl_tiff_most_bytes(const ocrvl_tiff *d)
{
    return d->max_pixels < (UINT64_MAX >> 8) ? d->max_pixels * 8 + (1 << 20) : 0;
}

static TIFF *open_tiff(ocrvl_tiff *d, ocrvl_tiff_cursor *c)
{
    TIFFOpenOptions *o = TIFFOpenOptionsAlloc();
    if (!o)
        return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(o, ocrvl_tiff_on_error, d);
    TIFFOpenOptionsSetWarningHandlerExtR(o, ocrvl_tiff_on_warning, d);
    uint64_t most = ocrvl_tiff_most_bytes(d);
    TIFFOpenOptionsSetMaxSingleMemAlloc(o, most <= (uint64_t)TIFF_TMSIZE_T_MAX ? (tmsize_t)most : 0);
    /* h: only the header, because the first directory may be the broken one */
    TIFF *tif =
        TIFFClientOpenExt("", "rh", c, read_bytes, write_bytes, seek, ocrvl_tiff_close_nothing, size, map, unmap, o);
    TIFFOpenOptionsFree(o);
    return tif;
}

ocrvl_status ocrvl_tiff_fail(const ocrvl_tiff *d, ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_FORMAT, "TIFF: %s", d->message[0] ? d->message : "the page cannot be read");
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

static ocrvl_status read_page(ocrvl_image **img, TIFF *tif, ocrvl_tiff *d, ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_tiff_layout l = {0};
    double dpi_x, dpi_y;
    uint16_t orientation = ORIENTATION_TOPLEFT;
    ocrvl_status st = ocrvl_tiff_layout_read(&l, tif, err);
    read_density(tif, &dpi_x, &dpi_y);
    TIFFGetFieldDefaulted(tif, TIFFTAG_ORIENTATION, &orientation);
    if (st == OCRVL_OK)
        st = ocrvl_image_new(img, l.width, l.height, l.channels, dpi_x, dpi_y, d->max_pixels, err);
    if (st == OCRVL_OK) {
        ocrvl_confine_room(OCRVL_ROOM_PICTURE * (uint64_t)l.width * l.height);
        st = ocrvl_tiff_pixels(*img, tif, &l, d, err);
    }
    if (st == OCRVL_OK)
        ocrvl_pixels_doubt_density(*img);
    if (st == OCRVL_OK && d->cut)
        place->damage = OCRVL_CUT_IMAGE;
    else if (st == OCRVL_OK) {
        ocrvl_tiff_give_fax(d, tif, &l, orientation, *img, place);
        ocrvl_tiff_give_jpeg(d, tif, &l, orientation, place);
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
    ocrvl_tiff *d = doc;
    ocrvl_tiff_cursor c = {.d = d};
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
        return ocrvl_tiff_fail(d, err);
    ocrvl_status st =
        TIFFSetSubDirectory(tif, d->pages[index]) ? read_page(img, tif, d, place, err) : ocrvl_tiff_fail(d, err);
    TIFFClose(tif);
    return st;
}

const ocrvl_document_format ocrvl_format_tiff = {"image/tiff", tiff_sniff, tiff_open, tiff_free, tiff_page};
