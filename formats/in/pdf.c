/* PDF by poppler-glib and cairo. A page that is one scan gives the scan's own pixels; any other page is rendered.
 *
 * Limits of poppler: it decodes an image whole before its size is known, it can't be interrupted, it aborts if memory
 * is exhausted (as GLib does), and libjpeg's messages about a damaged image inside a PDF go to standard error. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>
#include <poppler.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/hidden.h"
#include "in/pdf_info.h"
#include "in/pdf_text.h"
#include "in/pixels.h"
#include "in/scan.h"
#include "in/source.h"
#include "in/thumb.h"

#define DEFAULT_DPI 300.0
#define MIN_DPI 150.0
#define MAX_DPI 600.0
#define MAX_CAIRO_SIDE 32766.0 /* limit of a cairo surface, less one for rounding */

typedef struct document {
    const ocrvl_source_options *opt;
    PopplerDocument *poppler;
    const uint8_t *data; /* the file; NULL if text can't be written onto it */
    size_t len;
    ocrvl_scans *scans;         /* NULL if not needed, or if the file can't be opened for it */
    uint8_t *own;               /* the file without hidden text, to which `data` then points; or NULL */
    char *label, *text, *lines; /* of the last page; in GLib's memory */
    ocrvl_box *boxes;           /* of the characters of text */
    ocrvl_text_place *places;   /* of the lines */
    ocrvl_pdf_own own_text;     /* of the last page */
    PopplerPage *page;          /* the last page, while parts of it may be wanted; or NULL */
    ocrvl_fonts fonts;          /* of all pages so far */
    ocrvl_pdf_info info;
    uint64_t most_side, most_pixels; /* of the largest images in the file */
    uint64_t max_decoded;            /* pixels of images: the pages' limit, but at least the default */
    uint64_t pages;                  /* number of pages that poppler finds */
} document;

typedef struct size {
    double w, h; /* in points */
} size;

typedef struct box {
    double x, y, w, h; /* in points, from the top left of the page as it is shown */
} box;

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
    g_free(d->lines);
    ocrvl_free(d->places);
    ocrvl_pdf_own_free(&d->own_text);
    ocrvl_fonts_free(&d->fonts);
    ocrvl_pdf_info_free(&d->info);
    g_clear_object(&d->page);
    if (d->poppler)
        g_object_unref(d->poppler);
    ocrvl_free(d->boxes);
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

/* ---- contents of a page ------------------------------------------------------------------------------ */

enum { LARGE = 3 }; /* how many images are examined: a scan in layers has a background, a mask and inks */

typedef struct pictures {
    size_t count;
    double covered;     /* share of the page; overlaps are counted twice */
    int id[LARGE];      /* the largest images, the largest first; -1 ends the list */
    double part[LARGE]; /* share of the page that each covers */
} pictures;

/* poppler gives sizes rounded to points and, on rotated or cropped pages, wrong positions, so only the sizes are
 * used. */
static void find_pictures(pictures *p, PopplerPage *page, size points)
{
    *p = (pictures){.id = {-1, -1, -1}};
    GList *list = poppler_page_get_image_mapping(page);
    for (const GList *i = list; i; i = i->next, p->count++) {
        const PopplerImageMapping *m = i->data;
        int id = m->image_id;
        double part = fabs((m->area.x2 - m->area.x1) * (m->area.y2 - m->area.y1)) / (points.w * points.h);
        p->covered += part;
        for (int k = 0; k < LARGE; k++)
            if (part > p->part[k]) {
                double was = p->part[k];
                int was_id = p->id[k];
                p->part[k] = part;
                p->id[k] = id;
                part = was;
                id = was_id;
            }
    }
    poppler_page_free_image_mapping(list);
}

/* ---- surfaces ---------------------------------------------------------------------------------------- */

static ocrvl_status surface_error(cairo_status_t status, ocrvl_error *err)
{
    if (status == CAIRO_STATUS_NO_MEMORY)
        return ocrvl_fail_nomem(err);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be drawn: %s", cairo_status_to_string(status));
}

/* Draws the page on white, from the point (x, y) on, at sx and sy pixels a point: width x height pixels of RGB24. */
static ocrvl_status draw(cairo_surface_t **out, PopplerPage *page, uint32_t width, uint32_t height, double x, double y,
                         double sx, double sy, ocrvl_error *err)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    cairo_t *cr = cairo_create(s);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, sx, sy);
    cairo_translate(cr, -x, -y);
    poppler_page_render(page, cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    *out = NULL;
    if (status != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(s);
        return surface_error(status, err);
    }
    cairo_surface_flush(s);
    *out = s;
    return OCRVL_OK;
}

/* Lays one row of 32-bit pixels (with colours multiplied by alpha, if there is alpha) on white, as RGB. */
static void unpack_row(uint8_t *rgb, const uint32_t *row, uint32_t width, bool alpha)
{
    for (uint32_t x = 0; x < width; x++) {
        uint32_t white = alpha ? 255 - (row[x] >> 24) : 0;
        *rgb++ = (uint8_t)((row[x] >> 16 & 255) + white);
        *rgb++ = (uint8_t)((row[x] >> 8 & 255) + white);
        *rgb++ = (uint8_t)((row[x] & 255) + white);
    }
}

static bool is_grey(const uint8_t *data, size_t stride, uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + y * stride);
        for (uint32_t x = 0; x < width; x++)
            if ((row[x] & 255) != (row[x] >> 8 & 255) || (row[x] & 255) != (row[x] >> 16 & 255))
                return false;
    }
    return true;
}

/* Makes an image of 1 or 3 channels, whichever the surface's colours need. */
static ocrvl_status unpack(ocrvl_image **img, cairo_surface_t *s, double dpi_x, double dpi_y, uint64_t max_pixels,
                           ocrvl_error *err)
{
    uint32_t width = (uint32_t)cairo_image_surface_get_width(s), height = (uint32_t)cairo_image_surface_get_height(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    bool alpha = cairo_image_surface_get_format(s) == CAIRO_FORMAT_ARGB32;
    const uint8_t *data = cairo_image_surface_get_data(s);
    uint32_t channels = is_grey(data, stride, width, height) ? 1 : 3;
    ocrvl_status st = ocrvl_image_new(img, width, height, channels, dpi_x, dpi_y, max_pixels, err);
    uint8_t *rgb = st == OCRVL_OK && channels == 1 ? ocrvl_alloc_array(width, 3) : NULL;
    if (st)
        return st;
    if (channels == 1 && !rgb) {
        ocrvl_image_free(*img);
        *img = NULL;
        return ocrvl_fail_nomem(err);
    }
    uint8_t *to = (*img)->data;
    for (uint32_t y = 0; y < height; y++, to += (size_t)width * channels) {
        unpack_row(rgb ? rgb : to, (const uint32_t *)(const void *)(data + y * stride), width, alpha);
        for (uint32_t x = 0; rgb && x < width; x++)
            to[x] = rgb[3 * (size_t)x];
    }
    ocrvl_free(rgb);
    return OCRVL_OK;
}

/* ---- rendering --------------------------------------------------------------------------------------- */

/* The size in points of the smallest ordinary text: the 2 % of characters in the smallest type (footnote marks,
 * microprint) don't count. Returns 0 if the page has less than a line of text. */
static double smallest_text(PopplerPage *page)
{
    enum { BINS = 2000, PER_POINT = 20, FEW = 20 };
    size_t count[BINS] = {0}, total = 0, seen = 0;
    GList *list = poppler_page_get_text_attributes(page);
    for (const GList *i = list; i; i = i->next) {
        const PopplerTextAttributes *a = i->data;
        if (!(a->font_size >= 2) || a->end_index < a->start_index)
            continue;
        size_t n = (size_t)(a->end_index - a->start_index) + 1;
        double bin = floor(a->font_size * PER_POINT + 0.5);
        count[bin < BINS ? (int)bin : BINS - 1] += n;
        total += n;
    }
    poppler_page_free_text_attributes(list);
    if (total < FEW)
        return 0;
    int bin = 0;
    for (; bin < BINS - 1; bin++) {
        seen += count[bin];
        if (seen * 50 > total)
            break;
    }
    return (double)bin / PER_POINT;
}

/* *img is NULL if there is no such image, or if it is too large to decode. */
static ocrvl_status get_picture(ocrvl_image **img, const document *d, PopplerPage *page, int id, ocrvl_error *err)
{
    *img = NULL;
    cairo_surface_t *s = poppler_page_get_image(page, id);
    if (!s)
        return OCRVL_OK;
    ocrvl_status st = OCRVL_OK;
    cairo_surface_flush(s);
    if (cairo_surface_status(s) == CAIRO_STATUS_SUCCESS && cairo_surface_get_type(s) == CAIRO_SURFACE_TYPE_IMAGE)
        st = unpack(img, s, 0, 0, d->max_decoded, err);
    cairo_surface_destroy(s);
    return st == OCRVL_E_LIMIT ? OCRVL_OK : st;
}

/* The resolution of the finest of the images that aren't small beside the largest one; 0 if none can be examined. */
static double finest_picture(const document *d, PopplerPage *page, const pictures *p, size points)
{
    double dpi = 0;
    for (int i = 0; i < LARGE && p->part[i] > p->part[0] / 4; i++) {
        ocrvl_image *img;
        if (get_picture(&img, d, page, p->id[i], NULL) == OCRVL_OK && img)
            dpi = fmax(dpi, sqrt(img->width * (double)img->height / (p->part[i] * points.w * points.h)) * 72);
        ocrvl_image_free(img);
    }
    return dpi;
}

/* Chooses a resolution at which the smallest text has an x-height of about 20 pixels (0.48 of the font size in common
 * faces). Images may have smaller text than the page: with them the resolution isn't lower than the default, nor than
 * their own if they make up the page. It is rounded up to a step of 25, unless it exceeds a step by very little. */
static double choose_dpi(const document *d, PopplerPage *page, const pictures *p, size points)
{
    double text = smallest_text(page), dpi = text > 0 ? 20 * 72 / (OCRVL_X_OF_SIZE * text) : DEFAULT_DPI;
    if (p->covered > 0.02)
        dpi = fmax(dpi, DEFAULT_DPI);
    if (p->covered > 0.5)
        dpi = fmax(dpi, finest_picture(d, page, p, points));
    return fmin(fmax(ceil(dpi / 25 - 0.05) * 25, MIN_DPI), MAX_DPI);
}

static uint32_t pixels(double points, double dpi) { return (uint32_t)fmax(1, floor(points * dpi / 72 + 0.5)); }

/* Lowers dpi until the page is within the limits. */
static double fit_dpi(double dpi, size page, uint64_t max_pixels)
{
    double w = page.w * dpi / 72, h = page.h * dpi / 72;
    double shrink = fmin(sqrt((double)max_pixels / (w * h)), fmin(MAX_CAIRO_SIDE / w, MAX_CAIRO_SIDE / h));
    dpi *= fmin(1, shrink);
    for (int i = 0; i < 1000 && (uint64_t)pixels(page.w, dpi) * pixels(page.h, dpi) > max_pixels; i++)
        dpi *= 0.995; /* rounding had added a pixel */
    return dpi;
}

static ocrvl_status render(ocrvl_image **img, PopplerPage *page, size points, double dpi, uint64_t max_pixels,
                           ocrvl_error *err)
{
    cairo_surface_t *s;
    dpi = fit_dpi(dpi, points, max_pixels);
    uint32_t width = pixels(points.w, dpi), height = pixels(points.h, dpi);
    if ((uint64_t)width * height > max_pixels)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a page of %.0f x %.0f points does not fit in %llu pixels", points.w,
                          points.h, (unsigned long long)max_pixels);
    ocrvl_status st = draw(&s, page, width, height, 0, 0, dpi / 72, dpi / 72, err);
    if (st)
        return st;
    st = unpack(img, s, dpi, dpi, max_pixels, err);
    cairo_surface_destroy(s);
    return st;
}

/* ---- pages that are one scan ------------------------------------------------------------------------- */

/* Uses the mean of the channels, which coloured marks change as grey ones do. */
static ocrvl_status thumb_of_surface(ocrvl_thumb *t, cairo_surface_t *s, ocrvl_error *err)
{
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    const uint8_t *data = cairo_image_surface_get_data(s);
    t->side = 1;
    t->width = (uint32_t)cairo_image_surface_get_width(s);
    t->height = (uint32_t)cairo_image_surface_get_height(s);
    t->data = ocrvl_alloc_array(t->width, t->height);
    if (!t->data)
        return ocrvl_fail_nomem(err);
    for (uint32_t y = 0; y < t->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + y * stride);
        for (uint32_t x = 0; x < t->width; x++)
            t->data[(size_t)y * t->width + x] =
                (uint8_t)(((row[x] & 255) + (row[x] >> 8 & 255) + (row[x] >> 16 & 255)) / 3);
    }
    return OCRVL_OK;
}

/* Draws the box of the page at the image's size, with sides exchanged or not, and sets *orientation to the number that
 * makes the image equal to the drawing, or to 0 if there is none. It compares thumbnails that reduce the image's pixels
 * by a whole number, so that both ways of shrinking agree. */
static ocrvl_status match(unsigned *orientation, PopplerPage *page, box b, const ocrvl_image *img,
                          const ocrvl_thumb *own, bool turned, ocrvl_error *err)
{
    uint64_t best = UINT64_MAX;
    ocrvl_thumb drawn = {0};
    cairo_surface_t *s;
    double w = (double)img->width / own->side, h = (double)img->height / own->side;
    *orientation = 0;
    ocrvl_status st = draw(&s, page, turned ? own->height : own->width, turned ? own->width : own->height, b.x, b.y,
                           (turned ? h : w) / b.w, (turned ? w : h) / b.h, err);
    if (st)
        return st;
    st = thumb_of_surface(&drawn, s, err);
    cairo_surface_destroy(s);
    for (unsigned i = 1; i <= 4 && st == OCRVL_OK; i++) {
        uint64_t sum;
        unsigned o = turned ? 4 + i : i;
        if (ocrvl_thumb_same(&drawn, own, o, &sum) && sum < best) {
            best = sum;
            *orientation = o;
        }
    }
    ocrvl_free(drawn.data);
    return st;
}

/* Calls match for both directions, first for the one that keeps pixels squarer. */
static ocrvl_status find_orientation(unsigned *orientation, PopplerPage *page, box b, const ocrvl_image *img,
                                     ocrvl_error *err)
{
    ocrvl_thumb own = {0};
    double dpi = sqrt(img->width * (double)img->height / (b.w * b.h)) * 72;
    uint32_t side = (uint32_t)fmax(1, fmin(floor(dpi / 75 + 0.5), fmin(img->width, img->height)));
    bool turned = fabs(log(b.w / b.h * img->height / img->width)) > fabs(log(b.h / b.w * img->height / img->width));
    ocrvl_status st = ocrvl_thumb_of_image(&own, img, side, err);
    if (st == OCRVL_OK)
        st = match(orientation, page, b, img, &own, turned, err);
    if (st == OCRVL_OK && *orientation == 0)
        st = match(orientation, page, b, img, &own, !turned, err);
    ocrvl_free(own.data);
    return st;
}

/* Adds white around a scan that leaves a margin of over a point, so that the image shows the whole page. */
static ocrvl_status add_margins(ocrvl_image **img, box b, size points, uint64_t max_pixels, ocrvl_error *err)
{
    ocrvl_image *from = *img, *to;
    double right = points.w - b.x - b.w, bottom = points.h - b.y - b.h;
    if (fabs(b.x) <= 1 && fabs(b.y) <= 1 && fabs(right) <= 1 && fabs(bottom) <= 1)
        b = (box){.w = points.w, .h = points.h};
    double sx = from->width / b.w, sy = from->height / b.h;
    uint32_t left = (uint32_t)fmax(0, floor(b.x * sx + 0.5)), top = (uint32_t)fmax(0, floor(b.y * sy + 0.5));
    uint32_t width = (uint32_t)fmax(left + from->width, floor(points.w * sx + 0.5));
    uint32_t height = (uint32_t)fmax(top + from->height, floor(points.h * sy + 0.5));
    from->dpi_x = sx * 72;
    from->dpi_y = sy * 72;
    if (width == from->width && height == from->height)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_image_new(&to, width, height, from->channels, from->dpi_x, from->dpi_y, max_pixels, err);
    size_t row = (size_t)from->width * from->channels;
    for (size_t y = 0; st == OCRVL_OK && y < from->height; y++)
        memcpy(to->data + ((top + y) * to->width + left) * to->channels, from->data + y * row, row);
    ocrvl_image_free(from);
    *img = to;
    return st;
}

/* *img is the page's only scan, upright, or NULL if the page isn't a scan. *whole means that it was not rotated and has
 * no margins. A scan with more pixels than the limit is refused, as it would be in a file of its own. */
static ocrvl_status take_scan(ocrvl_image **img, bool *whole, const document *d, PopplerPage *page, int id, size points,
                              ocrvl_error *err)
{
    uint64_t max_pixels = d->opt->max_pixels;
    PopplerRectangle ink; /* y points down, as drawn */
    unsigned orientation = 0;
    *img = NULL;
    if (!poppler_page_get_bounding_box(page, &ink))
        return OCRVL_OK;
    box b = {ink.x1, ink.y1, ink.x2 - ink.x1, ink.y2 - ink.y1};
    if (!(b.w * b.h > 0.5 * points.w * points.h))
        return OCRVL_OK;
    ocrvl_status st = get_picture(img, d, page, id, err);
    if (st || !*img)
        return st;
    st = find_orientation(&orientation, page, b, *img, err);
    if (orientation && (uint64_t)(*img)->width * (*img)->height > max_pixels)
        st = ocrvl_fail(err, OCRVL_E_LIMIT, "image of %u x %u pixels is over the limit of %llu", (*img)->width,
                        (*img)->height, (unsigned long long)max_pixels);
    if (st || orientation == 0) {
        ocrvl_image_free(*img);
        *img = NULL;
        return st;
    }
    st = ocrvl_pixels_orient(img, orientation, err);
    if (st)
        return st;
    uint32_t width = (*img)->width, height = (*img)->height;
    st = add_margins(img, b, points, max_pixels, err);
    *whole = !st && orientation == 1 && (*img)->width == width && (*img)->height == height;
    return st;
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

typedef struct text_box {
    double x0, y0, x1, y1; /* in points, from the top left of the page as it is shown */
} text_box;

static text_box turned_right(PopplerRectangle r)
{
    return (text_box){fmin(r.x1, r.x2), fmin(r.y1, r.y2), fmax(r.x1, r.x2), fmax(r.y1, r.y2)};
}

static bool is_next_to(const text_box *a, const text_box *b)
{
    double h = a->y1 - a->y0, w = a->x1 - a->x0;
    return fmax(a->y0, b->y0) < fmin(a->y1, b->y1) - h / 2 && b->x0 < a->x1 + h && b->x1 > a->x0 - fmax(h, w);
}

static int32_t pixel(double points, double scale, uint32_t most)
{
    return (int32_t)fmin(fmax(floor(points * scale + 0.5), 0), most);
}

/* The place of the page's own text: adjacent characters, up to white space, share a box. */
static ocrvl_status find_text(document *d, PopplerPage *page, size points, const ocrvl_image *img,
                              ocrvl_page_place *place, ocrvl_error *err)
{
    PopplerRectangle *rects = NULL;
    guint n = 0;
    size_t count = 0;
    ocrvl_free(d->boxes);
    d->boxes = NULL;
    if (!poppler_page_get_text_layout(page, &rects, &n) || n == 0) {
        g_free(rects);
        return OCRVL_OK;
    }
    char *text = poppler_page_get_text(page);
    double sx = img->width / points.w, sy = img->height / points.h;
    text_box run = {0};
    bool open = false;
    const char *p = text;
    d->boxes = ocrvl_alloc_array(n, sizeof *d->boxes);
    for (guint i = 0; d->boxes && i <= n; i++) {
        bool ends = i == n || *p == '\0', space = ends || g_unichar_isspace(g_utf8_get_char(p));
        text_box b = i < n ? turned_right(rects[i]) : (text_box){0};
        if (open && (space || !is_next_to(&run, &b))) {
            d->boxes[count++] = (ocrvl_box){pixel(run.x0, sx, img->width), pixel(run.y0, sy, img->height),
                                            pixel(run.x1, sx, img->width), pixel(run.y1, sy, img->height)};
            open = false;
        }
        if (ends)
            break;
        if (!space)
            run = open ? (text_box){fmin(run.x0, b.x0), fmin(run.y0, b.y0), fmax(run.x1, b.x1), fmax(run.y1, b.y1)} : b;
        open |= !space;
        p = g_utf8_next_char(p);
    }
    g_free(text);
    g_free(rects);
    place->text_boxes = d->boxes;
    place->text_box_count = count;
    return d->boxes ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* *img is NULL if the page has to be rendered. */
static ocrvl_status examine_images(ocrvl_image **img, bool *whole, const document *d, PopplerPage *page,
                                   const pictures *p, size points, ocrvl_error *err)
{
    if (p->count > 0 && (d->most_side > MAX_CAIRO_SIDE || d->most_pixels > d->max_decoded))
        return ocrvl_fail(err, OCRVL_E_LIMIT,
                          "PDF: a page with pictures, of which one in the document has up to %llu pixels",
                          (unsigned long long)d->most_pixels);
    bool one = p->part[0] > 0.5 && p->part[1] <= 0.5;
    return one && !d->opt->render_always ? take_scan(img, whole, d, page, p->id[0], points, err) : OCRVL_OK;
}

/* ---- the text layer ---------------------------------------------------------------------------------- */

enum { MOST_LINES = 20000 };

/* The box of characters [from, to) in pixels; returns false if they take no space. */
static bool box_of(const PopplerRectangle *r, guint from, guint to, size points, const ocrvl_image *img, ocrvl_box *out)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY, sx = img->width / points.w,
           sy = img->height / points.h;
    for (; from < to; from++) {
        text_box b = turned_right(r[from]);
        if (!(b.x1 > b.x0 && b.y1 > b.y0))
            continue;
        x0 = fmin(x0, b.x0);
        y0 = fmin(y0, b.y0);
        x1 = fmax(x1, b.x1);
        y1 = fmax(y1, b.y1);
    }
    *out = (ocrvl_box){pixel(x0, sx, img->width), pixel(y0, sy, img->height), pixel(x1, sx, img->width),
                       pixel(y1, sy, img->height)};
    return x1 > x0;
}

/* The places of the lines of the page's text, which are cut out of d->lines, a copy of the text. */
static ocrvl_status place_text(document *d, PopplerPage *page, size points, const ocrvl_image *img,
                               ocrvl_page_place *place, ocrvl_error *err)
{
    PopplerRectangle *r = NULL;
    guint n = 0, at = 0, first = 0;
    g_free(d->lines);
    ocrvl_free(d->places);
    d->lines = g_strdup(d->text);
    d->places = ocrvl_alloc_array(MOST_LINES, sizeof *d->places);
    place->text_places = d->places;
    place->text_place_count = 0;
    if (!d->places)
        return ocrvl_fail_nomem(err);
    if (!poppler_page_get_text_layout(page, &r, &n))
        return OCRVL_OK;
    char *line = d->lines;
    for (char *c = line; place->text_place_count < MOST_LINES; at++) {
        char *next = *c ? g_utf8_next_char(c) : c;
        if (*c && *c != '\n') {
            c = next;
            continue;
        }
        bool last = !*c;
        *c = '\0';
        ocrvl_text_place *p = &d->places[place->text_place_count];
        p->text = line;
        place->text_place_count += at <= n && box_of(r, first, at, points, img, &p->box);
        if (last)
            break;
        first = at + 1;
        c = line = next;
    }
    g_free(r);
    return OCRVL_OK;
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
    ocrvl_status st = draw(&s, d->page, width, height, b.x0 / scale, b.y0 / scale, scale, scale, err);
    if (st)
        return st;
    st = unpack(img, s, own->dpi, own->dpi, d->opt->max_pixels, err);
    cairo_surface_destroy(s);
    return st;
}

/* The page's own text as it will be told in *img, or, if that is NULL, in an image of so many pixels an inch. If that
 * image needn't be looked at, *img becomes a small one. */
static ocrvl_status take_own_text(document *d, PopplerPage *page, size points, double dpi, ocrvl_image **img,
                                  ocrvl_page_place *place, ocrvl_error *err)
{
    const ocrvl_image *scan = *img;
    ocrvl_pdf_page p = {d->poppler, page, points.w, points.h, 0, 0, 0, &d->fonts, d->most_pixels > 0};
    p.dpi = scan ? scan->dpi_x : fit_dpi(dpi, points, d->opt->max_pixels);
    p.width = scan ? scan->width : pixels(points.w, p.dpi);
    p.height = scan ? scan->height : pixels(points.h, p.dpi);
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
static ocrvl_status take_text_alone(document *d, PopplerPage *page, size points, ocrvl_image **img,
                                    ocrvl_page_place *place, ocrvl_error *err)
{
    static const pictures none = {.id = {-1, -1, -1}};
    if (!d->opt->own_text || !d->opt->small_images || d->most_pixels > 0)
        return OCRVL_OK;
    double dpi = d->opt->dpi > 0 ? d->opt->dpi : choose_dpi(d, page, &none, points);
    return take_own_text(d, page, points, dpi, img, place, err);
}

/* The page as an image, and what is on it. */
static ocrvl_status take_page(document *d, PopplerPage *page, size points, uint64_t index, ocrvl_image **img,
                              ocrvl_page_place *place, ocrvl_error *err)
{
    pictures p;
    bool whole = false;
    find_pictures(&p, page, points);
    ocrvl_status st = reads_nothing(d) ? OCRVL_OK : examine_images(img, &whole, d, page, &p, points, err);
    place->native = *img != NULL;
    if (st == OCRVL_OK && *img && whole && d->scans)
        ocrvl_scans_take(d->scans, index, (*img)->width, (*img)->height, place);
    double dpi = d->opt->dpi > 0 || st || *img ? d->opt->dpi : choose_dpi(d, page, &p, points);
    if (st == OCRVL_OK && d->opt->own_text)
        st = take_own_text(d, page, points, dpi, img, place, err);
    if (st == OCRVL_OK && !*img)
        st = render(img, page, points, dpi, d->opt->max_pixels, err);
    if (st == OCRVL_OK && d->opt->text_boxes)
        st = find_text(d, page, points, *img, place, err);
    return st;
}

static ocrvl_status pdf_page(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    document *d = doc;
    size points;
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
        st = place_text(d, page, points, *img, place, err);
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
