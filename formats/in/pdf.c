/* PDF by poppler-glib and cairo. A page that is one scan gives the scan's own pixels; any other page is rendered.
 *
 * Limits of poppler: it decodes an image whole before its size is known, it can't be interrupted, it aborts if memory
 * is exhausted (as GLib does), and libjpeg's messages about a damaged image inside a PDF go to standard error. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <poppler.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/hidden.h"
#include "in/pdf_draw.h"
#include "in/pdf_info.h"
#include "in/pdf_lines.h"
#include "in/pdf_scan.h"
#include "in/pdf_text.h"
#include "in/scan.h"
#include "in/source.h"

#define DEFAULT_DPI 300.0
#define MIN_DPI 150.0
#define MAX_DPI 600.0

typedef struct document {
    const ocrvl_source_options *opt;
    PopplerDocument *poppler;
    const uint8_t *data; /* the file; NULL if text can't be written onto it */
    size_t len;
    ocrvl_scans *scans;     /* NULL if not needed, or if the file can't be opened for it */
    uint8_t *own;           /* the file without hidden text, to which `data` then points; or NULL */
    char *label, *text;     /* of the last page; in GLib's memory */
    ocrvl_pdf_lines lines;  /* of the last page */
    ocrvl_pdf_own own_text; /* of the last page */
    PopplerPage *page;      /* the last page, while parts of it may be wanted; or NULL */
    ocrvl_fonts fonts;      /* of all pages so far */
    ocrvl_pdf_info info;
    uint64_t most_side, most_pixels; /* of the largest images in the file */
    uint64_t max_decoded;            /* pixels of images: the pages' limit, but at least the default */
    uint64_t pages;                  /* number of pages that poppler finds */
} document;

static bool pdf_sniff(const uint8_t *data, size_t len)
{
    size_t n = len < 1024 ? len : 1024; /* Acrobat searches for it there */
    for (size_t i = 0; i + 5 <= n; i++)
        if (memcmp(data + i, "%PDF-", 5) == 0)
            return true;
    return false;
}

static void pdf_free(void *doc)
{
    document *d = doc;
    g_free(d->label);
    g_free(d->text);
    ocrvl_pdf_lines_free(&d->lines);
    ocrvl_pdf_own_free(&d->own_text);
    ocrvl_fonts_free(&d->fonts);
    ocrvl_pdf_info_free(&d->info);
    g_clear_object(&d->page);
    if (d->poppler)
        g_object_unref(d->poppler);
    ocrvl_scans_free(d->scans);
    ocrvl_free(d->own);
    ocrvl_free(d);
}

static ocrvl_status open_error(const GError *e, bool password, ocrvl_error *err)
{
    if (e && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        return ocrvl_fail(err, OCRVL_E_PASSWORD,
                          password ? "the password is wrong" : "the document is encrypted and needs a password");
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: %s", e ? e->message : "the document cannot be read");
}

/* Reads the number after a name such as "/Width", if p begins with that name. */
static bool named_number(const uint8_t *p, const uint8_t *end, const char *name, uint64_t *v)
{
    size_t n = strlen(name);
    if ((size_t)(end - p) <= n || memcmp(p, name, n) != 0)
        return false;
    for (p += n; p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t');)
        p++;
    if (p == end || *p < '0' || *p > '9')
        return false;
    for (*v = 0; p < end && *p >= '0' && *p <= '9' && *v < UINT32_MAX / 16; p++)
        *v = 10 * *v + (uint64_t)(*p - '0');
    return true;
}

/* Finds how large the images are that dictionaries in the file describe, because poppler decodes an image whole before
 * its size can be asked for. A stream's dictionary is always uncompressed, but a size that is given indirectly isn't
 * found. */
static void find_largest_picture(document *d, const uint8_t *data, size_t len)
{
    enum { NEAR = 512 }; /* width and height must be this close to belong to one dictionary */
    const uint8_t *end = data + len, *at_w = NULL, *at_h = NULL;
    uint64_t w = 0, h = 0;
    for (const uint8_t *p = data; p < end && (p = memchr(p, '/', (size_t)(end - p))); p++) {
        if (named_number(p, end, "/Width", &w))
            at_w = p;
        else if (named_number(p, end, "/Height", &h))
            at_h = p;
        else
            continue;
        if (!at_w || !at_h || at_w - at_h > NEAR || at_h - at_w > NEAR)
            continue;
        d->most_side = w > d->most_side ? w : d->most_side;
        d->most_side = h > d->most_side ? h : d->most_side;
        d->most_pixels = w * h > d->most_pixels ? w * h : d->most_pixels;
    }
}

/* Whether the file's end, which says where its objects are, is missing. poppler recovers what is left, but nobody knows
 * what is lost. */
static bool is_cut(const uint8_t *data, size_t len)
{
    size_t from = len > 4096 ? len - 4096 : 0; /* mail and web servers append bytes */
    for (size_t i = from; i + 9 <= len; i++)
        if (memcmp(data + i, "startxref", 9) == 0)
            return false;
    for (size_t i = from; i + 5 <= len; i++) /* written by hand, without a table */
        if (memcmp(data + i, "%%EOF", 5) == 0)
            return false;
    return true;
}

/* Sets the document onto which text may be written: the file, or the file without its hidden text; nothing if that
 * can't be made. */
static ocrvl_status prepare(document *d, const ocrvl_input *in, ocrvl_error *err)
{
    ocrvl_error why;
    if (is_cut(in->data, in->len))
        return OCRVL_OK;
    d->data = in->data;
    d->len = in->len;
    if (!in->opt->drop_hidden_text)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_pdf_drop_hidden(&d->own, &d->len, in->data, in->len, in->opt->password, &why);
    if (st == OCRVL_E_NOMEM)
        return ocrvl_fail_nomem(err);
    if (st)
        d->data = NULL;
    else if (d->own)
        d->data = d->own;
    else
        d->len = in->len;
    return OCRVL_OK;
}

/* Opens the file as a stream: poppler 22.12 crashes if a document that it was given as a block of memory, which it
 * reads faster, can't be opened with the password. */
static PopplerDocument *open_with_password(const ocrvl_input *in, GError **e)
{
    GInputStream *stream = g_memory_input_stream_new_from_data(in->data, (gssize)in->len, NULL);
    PopplerDocument *d = poppler_document_new_from_stream(stream, (goffset)in->len, in->opt->password, NULL, e);
    g_object_unref(stream);
    return d;
}

static ocrvl_status open_poppler(document *d, const ocrvl_input *in, ocrvl_error *err)
{
    GError *e = NULL;
    GBytes *bytes = g_bytes_new_static(in->data, in->len);
    d->poppler = poppler_document_new_from_bytes(bytes, NULL, &e);
    g_bytes_unref(bytes);
    if (in->opt->password && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
        g_clear_error(&e);
        d->poppler = open_with_password(in, &e);
    }
    ocrvl_status st = d->poppler ? OCRVL_OK : open_error(e, in->opt->password != NULL, err);
    g_clear_error(&e);
    return st;
}

static ocrvl_status pdf_open(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err)
{
    *doc = NULL;
    document *d = ocrvl_alloc(sizeof *d);
    if (!d)
        return ocrvl_fail_nomem(err);
    d->opt = in->opt;
    ocrvl_status st = prepare(d, in, err);
    ocrvl_input ours = {d->own ? d->own : in->data, d->own ? d->len : in->len, in->opt};
    if (st == OCRVL_OK)
        st = open_poppler(d, &ours, err);
    if (st == OCRVL_OK && d->data && in->opt->originals)
        d->scans = ocrvl_scans_open(d->data, d->len, in->opt->password);
    int n = d->poppler ? poppler_document_get_n_pages(d->poppler) : 0;
    if (st == OCRVL_OK && n <= 0)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the PDF has no page");
    if (st) {
        pdf_free(d);
        return st;
    }
    uint64_t most = in->opt->max_pixels;
    d->max_decoded = most > OCRVL_MAX_PIXELS ? most : OCRVL_MAX_PIXELS;
    find_largest_picture(d, in->data, in->len);
    *doc = d;
    d->pages = (uint64_t)n;
    *pages = d->pages + is_cut(in->data, in->len); /* the lost part counts as a page */
    return OCRVL_OK;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static void describe(document *d, PopplerPage *page, uint64_t index, ocrvl_page_place *place)
{
    char number[24];
    PopplerRectangle crop;
    poppler_page_get_crop_box(page, &crop);
    const double corners[4] = {crop.x1, crop.y1, crop.x2, crop.y2};
    memcpy(place->pdf_box, corners, sizeof corners);
    g_free(d->label);
    g_free(d->text);
    d->label = poppler_page_get_label(page);
    d->text = d->opt->text_layer ? poppler_page_get_text(page) : NULL;
    place->text_layer = d->text && *d->text ? d->text : NULL;
    snprintf(number, sizeof number, "%llu", (unsigned long long)index + 1);
    place->document = d->data;
    place->document_len = d->len;
    if (d->label && d->label[0] && strcmp(d->label, number) != 0) /* poppler returns the number if there are no
                                                                   * labels */
        place->label = d->label;
}

static ocrvl_pdf_limits limits_of(const document *d) { return (ocrvl_pdf_limits){d->opt->max_pixels, d->max_decoded}; }

/* *img is NULL if the page has to be rendered. */
static ocrvl_status examine_images(ocrvl_image **img, bool *whole, const document *d, PopplerPage *page,
                                   const ocrvl_pdf_pictures *p, ocrvl_pdf_size points, ocrvl_error *err)
{
    if (p->count > 0 && (d->most_side > OCRVL_CAIRO_SIDE || d->most_pixels > d->max_decoded))
        return ocrvl_fail(err, OCRVL_E_LIMIT,
                          "PDF: a page with pictures, of which one in the document has up to %llu pixels",
                          (unsigned long long)d->most_pixels);
    ocrvl_pdf_limits limits = limits_of(d);
    return d->opt->render_always ? OCRVL_OK : ocrvl_pdf_scan_take(img, whole, p, page, points, &limits, err);
}

/* Chooses a resolution at which the smallest text has an x-height of about 20 pixels (0.48 of the font size in common
 * faces). Images may have smaller text than the page: with them the resolution isn't lower than the default, nor than
 * their own if they make up the page. It is rounded up to a step of 25, unless it exceeds a step by very little. */
static double choose_dpi(const document *d, PopplerPage *page, const ocrvl_pdf_pictures *p, ocrvl_pdf_size points)
{
    double text = ocrvl_pdf_smallest_text(page), dpi = text > 0 ? 20 * 72 / (OCRVL_X_OF_SIZE * text) : DEFAULT_DPI;
    if (p->covered > 0.02)
        dpi = fmax(dpi, DEFAULT_DPI);
    ocrvl_pdf_limits limits = limits_of(d);
    if (p->covered > 0.5)
        dpi = fmax(dpi, ocrvl_pdf_pictures_finest(p, page, points, &limits));
    return fmin(fmax(ceil(dpi / 25 - 0.05) * 25, MIN_DPI), MAX_DPI);
}

static bool reads_nothing(const document *d)
{
    return d->opt->own_text && d->opt->small_images && d->opt->own_text_only;
}

/* Whether a small image of the page does. */
static bool is_small_enough(const document *d)
{
    return reads_nothing(d) || (d->own_text.text.whole && d->opt->small_images);
}

/* ocrvl_own_text.draw */
static ocrvl_status draw_part(void *user, const ocrvl_box *part, ocrvl_image **img, ocrvl_error *err)
{
    document *d = user;
    const ocrvl_own_text *own = &d->own_text.text;
    ocrvl_box all = {0, 0, (int32_t)own->width, (int32_t)own->height}, b = part ? *part : all;
    double scale = own->dpi / 72;
    cairo_surface_t *s;
    *img = NULL;
    if (!d->page || b.x0 < 0 || b.y0 < 0 || b.x1 > all.x1 || b.y1 > all.y1 || b.x0 >= b.x1 || b.y0 >= b.y1)
        return ocrvl_fail(err, OCRVL_E_ARG, "the page has no such part");
    uint32_t width = (uint32_t)(b.x1 - b.x0), height = (uint32_t)(b.y1 - b.y0);
    ocrvl_status st = ocrvl_pdf_draw(&s, d->page, width, height, b.x0 / scale, b.y0 / scale, scale, scale, err);
    if (st)
        return st;
    st = ocrvl_pdf_unpack(img, s, own->dpi, own->dpi, d->opt->max_pixels, err);
    cairo_surface_destroy(s);
    return st;
}

/* The page's own text as it will be told in *img, or, if that is NULL, in an image of so many pixels an inch. If that
 * image needn't be looked at, *img becomes a small one. */
static ocrvl_status take_own_text(document *d, PopplerPage *page, ocrvl_pdf_size points, double dpi, ocrvl_image **img,
                                  ocrvl_page_place *place, ocrvl_error *err)
{
    const ocrvl_image *scan = *img;
    ocrvl_pdf_page p = {d->poppler, page, points.w, points.h, 0, 0, 0, &d->fonts, d->most_pixels > 0};
    p.dpi = scan ? scan->dpi_x : ocrvl_pdf_fit_dpi(dpi, points, d->opt->max_pixels);
    p.width = scan ? scan->width : ocrvl_pdf_pixels(points.w, p.dpi);
    p.height = scan ? scan->height : ocrvl_pdf_pixels(points.h, p.dpi);
    ocrvl_status st = ocrvl_pdf_own_text(&d->own_text, &p, err);
    if (st == OCRVL_E_FORMAT) /* it can't be drawn, which will be said of the page image */
        return OCRVL_OK;
    if (st)
        return st;
    place->own_text = &d->own_text.text;
    if (scan || !is_small_enough(d))
        return OCRVL_OK;
    d->own_text.text.draw = draw_part;
    d->own_text.text.draw_user = d;
    *img = d->own_text.small;
    d->own_text.small = NULL;
    return *img ? OCRVL_OK : ocrvl_image_new(img, 1, 1, 1, p.dpi, p.dpi, 1, err);
}

/* The page as its own text alone, if that can be told without looking for pictures, of which the file seems to have
 * none: *img stays NULL if it can't. */
static ocrvl_status take_text_alone(document *d, PopplerPage *page, ocrvl_pdf_size points, ocrvl_image **img,
                                    ocrvl_page_place *place, ocrvl_error *err)
{
    static const ocrvl_pdf_pictures none = {.id = {-1, -1, -1}};
    if (!d->opt->own_text || !d->opt->small_images || d->most_pixels > 0)
        return OCRVL_OK;
    double dpi = d->opt->dpi > 0 ? d->opt->dpi : choose_dpi(d, page, &none, points);
    return take_own_text(d, page, points, dpi, img, place, err);
}

/* The page as an image, and what is on it. */
static ocrvl_status take_page(document *d, PopplerPage *page, ocrvl_pdf_size points, uint64_t index, ocrvl_image **img,
                              ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_pdf_pictures p;
    bool whole = false;
    ocrvl_pdf_pictures_find(&p, page, points);
    ocrvl_status st = reads_nothing(d) ? OCRVL_OK : examine_images(img, &whole, d, page, &p, points, err);
    place->native = *img != NULL;
    if (st == OCRVL_OK && *img && whole && d->scans)
        ocrvl_scans_take(d->scans, index, (*img)->width, (*img)->height, place);
    double dpi = d->opt->dpi > 0 || st || *img ? d->opt->dpi : choose_dpi(d, page, &p, points);
    if (st == OCRVL_OK && d->opt->own_text)
        st = take_own_text(d, page, points, dpi, img, place, err);
    if (st == OCRVL_OK && !*img)
        st = ocrvl_pdf_render(img, page, points, dpi, d->opt->max_pixels, err);
    if (st == OCRVL_OK && d->opt->text_boxes)
        st = ocrvl_pdf_lines_boxes(&d->lines, page, points, *img, place, err);
    return st;
}

static ocrvl_status pdf_page(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    document *d = doc;
    ocrvl_pdf_size points;
    *img = NULL;
    g_clear_object(&d->page);
    if (index >= d->pages)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the end of the file is missing, and the pages in it are lost");
    PopplerPage *page = poppler_document_get_page(d->poppler, (int)index);
    if (!page)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be read");
    describe(d, page, index, place);
    ocrvl_status known = ocrvl_pdf_info_read(&d->info, d->poppler, err);
    if (known) {
        g_object_unref(page);
        return known;
    }
    place->info = d->info.any ? &d->info.info : NULL;
    poppler_page_get_size(page, &points.w, &points.h);
    if (!(points.w > 0.01 && points.h > 0.01 && points.w < 1e6 && points.h < 1e6)) {
        g_object_unref(page);
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: a page of %g x %g points has no valid size", points.w, points.h);
    }
    ocrvl_pdf_page look = {.document = d->poppler, .page = page, .points_w = points.w, .points_h = points.h};
    ocrvl_status st = d->opt->own_text && d->most_pixels == 0 ? ocrvl_pdf_own_look(&d->own_text, &look, err) : OCRVL_OK;
    if (!st)
        st = take_text_alone(d, page, points, img, place, err);
    if (!st && !*img)
        st = take_page(d, page, points, index, img, place, err);
    if (!st && place->text_layer)
        st = ocrvl_pdf_lines_place(&d->lines, page, points, *img, place, err);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
    }
    if (!st && place->own_text && place->own_text->draw)
        d->page = page;
    else
        g_object_unref(page);
    return st;
}

const ocrvl_document_format ocrvl_format_pdf = {"application/pdf", pdf_sniff, pdf_open, pdf_free, pdf_page};
