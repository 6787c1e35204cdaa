/* PDF by poppler-glib and cairo. A page that is one scan gives the scan's own pixels; any other is rendered.
 *
 * What poppler can't be asked: it decodes a picture whole before its size is known, it can't be interrupted, and out of
 * memory it aborts (as GLib does). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>
#include <poppler.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/pixels.h"
#include "in/source.h"

#define DEFAULT_DPI 300.0
#define MIN_DPI 150.0
#define MAX_DPI 600.0
#define MAX_CAIRO_SIDE 32766.0 /* of a surface, less one for rounding */

typedef struct document {
    const ocrvl_source_options *opt;
    PopplerDocument *poppler;
    char *label;                /* of the last page; GLib's memory */
    uint64_t most_side, most_pixels; /* of the largest pictures in the file */
} document;

typedef struct size {
    double w, h; /* points */
} size;

typedef struct box {
    double x, y, w, h; /* points, from the top left of the page as it is shown */
} box;

static bool pdf_sniff(const uint8_t *data, size_t len)
{
    size_t n = len < 1024 ? len : 1024; /* where Acrobat looks for it */
    for (size_t i = 0; i + 5 <= n; i++)
        if (memcmp(data + i, "%PDF-", 5) == 0)
            return true;
    return false;
}

static void pdf_free(void *doc)
{
    document *d = doc;
    g_free(d->label);
    if (d->poppler)
        g_object_unref(d->poppler);
    ocrvl_free(d);
}

static ocrvl_status open_error(const GError *e, bool password, ocrvl_error *err)
{
    if (e && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        return ocrvl_fail(err, OCRVL_E_PASSWORD, password ? "the password is wrong" : "encrypted: it needs a password");
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

/* Finds how large the pictures are that dictionaries in the file speak of: poppler decodes a picture whole before anyone can
 * ask for its size. A stream's dictionary always stands plainly in the file, though a size given indirectly isn't seen. */
static void find_largest_picture(document *d, const uint8_t *data, size_t len)
{
    enum { NEAR = 512 }; /* width and height stand in one dictionary */
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

/* By a stream of bytes: poppler 22.12 crashes when a document that it was given as a block of memory, which it reads faster,
 * doesn't open with the password. */
static PopplerDocument *open_with_password(const ocrvl_input *in, GError **e)
{
    GInputStream *stream = g_memory_input_stream_new_from_data(in->data, (gssize)in->len, NULL);
    PopplerDocument *d = poppler_document_new_from_stream(stream, (goffset)in->len, in->opt->password, NULL, e);
    g_object_unref(stream);
    return d;
}

static ocrvl_status pdf_open(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err)
{
    GError *e = NULL;
    *doc = NULL;
    document *d = ocrvl_alloc(sizeof *d);
    if (!d)
        return ocrvl_fail_nomem(err);
    d->opt = in->opt;
    GBytes *bytes = g_bytes_new_static(in->data, in->len);
    d->poppler = poppler_document_new_from_bytes(bytes, NULL, &e);
    g_bytes_unref(bytes);
    if (in->opt->password && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
        g_clear_error(&e);
        d->poppler = open_with_password(in, &e);
    }
    ocrvl_status st = d->poppler ? OCRVL_OK : open_error(e, in->opt->password != NULL, err);
    g_clear_error(&e);
    int n = d->poppler ? poppler_document_get_n_pages(d->poppler) : 0;
    if (st == OCRVL_OK && n <= 0)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "PDF without a page");
    if (st) {
        pdf_free(d);
        return st;
    }
    find_largest_picture(d, in->data, in->len);
    *doc = d;
    *pages = (uint64_t)n;
    return OCRVL_OK;
}

/* ---- surfaces ---------------------------------------------------------------------------------------- */

static ocrvl_status surface_error(cairo_status_t status, ocrvl_error *err)
{
    if (status == CAIRO_STATUS_NO_MEMORY)
        return ocrvl_fail_nomem(err);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be drawn: %s", cairo_status_to_string(status));
}

/* Draws the page on white, from the point (x, y) on at sx and sy pixels a point: width x height pixels of RGB24. */
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

/* One row of 32-bit pixels (colours multiplied by alpha, if there is alpha) laid on white, as RGB. */
static void unpack_row(uint8_t *rgb, const uint32_t *row, uint32_t width, bool alpha)
{
    for (uint32_t x = 0; x < width; x++) {
        uint32_t white = alpha ? 255 - (row[x] >> 24) : 0;
        *rgb++ = (uint8_t)((row[x] >> 16 & 255) + white);
        *rgb++ = (uint8_t)((row[x] >> 8 & 255) + white);
        *rgb++ = (uint8_t)((row[x] & 255) + white);
    }
}

static bool is_grey(const cairo_surface_t *surface, uint32_t width, uint32_t height)
{
    cairo_surface_t *s = (cairo_surface_t *)(uintptr_t)surface;
    const uint8_t *data = cairo_image_surface_get_data(s);
    for (uint32_t y = 0; y < height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + (size_t)y * (size_t)cairo_image_surface_get_stride(s));
        for (uint32_t x = 0; x < width; x++)
            if ((row[x] & 255) != (row[x] >> 8 & 255) || (row[x] & 255) != (row[x] >> 16 & 255))
                return false;
    }
    return true;
}

/* An image of 1 or 3 channels, as the surface's colours ask. */
static ocrvl_status unpack(ocrvl_image **img, cairo_surface_t *s, double dpi_x, double dpi_y, const ocrvl_limits *limits,
                           ocrvl_error *err)
{
    uint32_t width = (uint32_t)cairo_image_surface_get_width(s), height = (uint32_t)cairo_image_surface_get_height(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    bool alpha = cairo_image_surface_get_format(s) == CAIRO_FORMAT_ARGB32;
    const uint8_t *data = cairo_image_surface_get_data(s);
    uint32_t channels = is_grey(s, width, height) ? 1 : 3;
    ocrvl_status st = ocrvl_image_new(img, width, height, channels, dpi_x, dpi_y, limits, err);
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

/* The size in points of the smallest ordinary text: the 2 % of characters in the smallest type (footnote marks, microprint)
 * don't count. 0 if the page has less than a line of text. */
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

/* So that the smallest text is about 20 pixels high at the x (0.48 of its size in common faces), in steps of 25. Pictures
 * may hold smaller text than the page does: with them it isn't less than the default. */
static double choose_dpi(PopplerPage *page, bool pictures)
{
    double points = smallest_text(page);
    if (points <= 0)
        return DEFAULT_DPI;
    double dpi = ceil(20 * 72 / (0.48 * points) / 25) * 25;
    return fmin(fmax(dpi, pictures ? DEFAULT_DPI : MIN_DPI), MAX_DPI);
}

static uint32_t pixels(double points, double dpi) { return (uint32_t)fmax(1, floor(points * dpi / 72 + 0.5)); }

/* Lowers dpi until the page is within the limits. */
static double fit_dpi(double dpi, size page, const ocrvl_limits *limits)
{
    double w = page.w * dpi / 72, h = page.h * dpi / 72;
    double shrink = fmin(sqrt((double)limits->max_pixels / (w * h)), fmin(MAX_CAIRO_SIDE / w, MAX_CAIRO_SIDE / h));
    dpi *= fmin(1, shrink);
    for (int i = 0; i < 1000 && (uint64_t)pixels(page.w, dpi) * pixels(page.h, dpi) > limits->max_pixels; i++)
        dpi *= 0.995; /* rounding had made it one pixel more */
    return dpi;
}

static ocrvl_status render(ocrvl_image **img, PopplerPage *page, size points, double dpi, const ocrvl_limits *limits,
                           ocrvl_error *err)
{
    cairo_surface_t *s;
    dpi = fit_dpi(dpi, points, limits);
    uint32_t width = pixels(points.w, dpi), height = pixels(points.h, dpi);
    if ((uint64_t)width * height > limits->max_pixels)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a page of %.0f x %.0f points does not fit in %llu pixels", points.w,
                          points.h, (unsigned long long)limits->max_pixels);
    ocrvl_status st = draw(&s, page, width, height, 0, 0, dpi / 72, dpi / 72, err);
    if (st)
        return st;
    st = unpack(img, s, dpi, dpi, limits, err);
    cairo_surface_destroy(s);
    return st;
}

/* ---- pages that are one scan ------------------------------------------------------------------------- */

/* The one picture that covers over half of the page, -1 if there are none or several. *any: whether there are pictures at
 * all, *some: of some size. poppler gives sizes rounded to points and, on turned or cropped pages, wrong places: only the
 * sizes are used. */
static int find_scan(PopplerPage *page, size points, bool *any, bool *some)
{
    int id = -1, found = 0;
    GList *list = poppler_page_get_image_mapping(page);
    *any = list != NULL;
    *some = false;
    for (const GList *i = list; i; i = i->next) {
        const PopplerImageMapping *m = i->data;
        double part = fabs((m->area.x2 - m->area.x1) * (m->area.y2 - m->area.y1)) / (points.w * points.h);
        *some |= part > 0.02;
        if (part > 0.5) {
            found++;
            id = m->image_id;
        }
    }
    poppler_page_free_image_mapping(list);
    return found == 1 ? id : -1;
}

/* Thumbnails are compared by the mean of the channels, which colour marks change as well as grey ones. */
typedef struct thumb {
    uint32_t width, height;
    uint8_t *data;
} thumb;

static ocrvl_status thumb_of_surface(thumb *t, cairo_surface_t *s, ocrvl_error *err)
{
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    const uint8_t *data = cairo_image_surface_get_data(s);
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

/* Each pixel is the mean of a square of `side` pixels of the image; what is left over at the right and bottom is left out. */
static ocrvl_status thumb_of_image(thumb *t, const ocrvl_image *img, uint32_t side, ocrvl_error *err)
{
    size_t ch = img->channels, stride = img->width * ch;
    t->width = img->width / side;
    t->height = img->height / side;
    t->data = ocrvl_alloc_array(t->width, t->height);
    if (!t->data)
        return ocrvl_fail_nomem(err);
    for (size_t y = 0; y < t->height; y++)
        for (size_t x = 0; x < t->width; x++) {
            uint64_t sum = 0;
            for (size_t v = y * side; v < (y + 1) * side; v++)
                for (size_t u = x * side * ch; u < (x + 1) * side * ch; u++)
                    sum += img->data[v * stride + u];
            t->data[y * t->width + x] = (uint8_t)(sum / (side * side * ch));
        }
    return OCRVL_OK;
}

typedef struct range {
    int low, mid, high;
} range;

/* Of a pixel and the eight around it. */
static range around(const uint8_t *p, ptrdiff_t right, ptrdiff_t down)
{
    range r = {255, *p, 0};
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) {
            int v = p[i * down + j * right];
            r.low = v < r.low ? v : r.low;
            r.high = v > r.high ? v : r.high;
        }
    return r;
}

/* Whether b has near it what a is. A scan that is laid a fraction of a point beside the page's edge is shifted by less than
 * a pixel of the thumbnail, and a stroke can lose three quarters of its contrast by that; flat paper loses nothing, so
 * that the faintest mark on it tells. */
static bool is_near(range a, range b)
{
    enum { NOISE = 10 };
    return b.low <= a.mid + 3 * (a.high - a.mid) / 4 + NOISE && b.high >= a.mid - 3 * (a.mid - a.low) / 4 - NOISE;
}

/* Whether each shows what the other does, but for the pixels at the edge, if b is turned by the orientation number o as
 * ocrvl_pixels_orient does it. *sum: the squared differences. */
static bool same_picture(const thumb *a, const thumb *b, unsigned o, uint64_t *sum)
{
    bool turned = o >= 5, mirror_x = o == 2 || o == 3 || o == 6 || o == 7, mirror_y = o == 3 || o == 4 || o >= 7;
    /* Steps in b to the right and down in the upright picture, and where its first pixel is. */
    ptrdiff_t right = turned ? (ptrdiff_t)b->width : 1, down = turned ? 1 : (ptrdiff_t)b->width, stride = a->width;
    const uint8_t *first = b->data + (mirror_x ? right * (stride - 1) : 0) + (mirror_y ? down * ((ptrdiff_t)a->height - 1) : 0);
    right = mirror_x ? -right : right;
    down = mirror_y ? -down : down;
    *sum = 0;
    for (ptrdiff_t y = 1; y + 1 < (ptrdiff_t)a->height; y++)
        for (ptrdiff_t x = 1; x + 1 < stride; x++) {
            range in_a = around(a->data + y * stride + x, 1, stride);
            range in_b = around(first + y * down + x * right, right, down);
            if (!is_near(in_a, in_b) || !is_near(in_b, in_a))
                return false;
            *sum += (uint64_t)((in_a.mid - in_b.mid) * (in_a.mid - in_b.mid));
        }
    return true;
}

/* Draws the box of the page as the picture would stand in it, turned by 90 degrees or not, and sets *orientation to the
 * number that makes the picture what was drawn, 0 if there is none. Compared are thumbnails of a whole fraction of the
 * picture's pixels, so that both ways of shrinking do the same. */
static ocrvl_status match(unsigned *orientation, PopplerPage *page, box b, const ocrvl_image *img, const thumb *own,
                          bool turned, ocrvl_error *err)
{
    uint64_t best = UINT64_MAX;
    thumb drawn = {0};
    cairo_surface_t *s;
    double side = floor((double)img->width / own->width), w = img->width / side, h = img->height / side;
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
        if (same_picture(&drawn, own, o, &sum) && sum < best) {
            best = sum;
            *orientation = o;
        }
    }
    ocrvl_free(drawn.data);
    return st;
}

/* As match, for both ways round; that which keeps pixels squarer comes first. */
static ocrvl_status find_orientation(unsigned *orientation, PopplerPage *page, box b, const ocrvl_image *img, double dpi,
                                     ocrvl_error *err)
{
    thumb own = {0};
    uint32_t side = (uint32_t)fmax(1, fmin(floor(dpi / 75 + 0.5), fmin(img->width, img->height)));
    bool turned = fabs(log(b.w / b.h * img->height / img->width)) > fabs(log(b.h / b.w * img->height / img->width));
    ocrvl_status st = thumb_of_image(&own, img, side, err);
    if (st == OCRVL_OK)
        st = match(orientation, page, b, img, &own, turned, err);
    if (st == OCRVL_OK && *orientation == 0)
        st = match(orientation, page, b, img, &own, !turned, err);
    ocrvl_free(own.data);
    return st;
}

/* *img is NULL if there is no such picture, or it has more pixels than the limit. */
static ocrvl_status get_picture(ocrvl_image **img, PopplerPage *page, int id, const ocrvl_limits *limits,
                                ocrvl_error *err)
{
    *img = NULL;
    cairo_surface_t *s = poppler_page_get_image(page, id);
    if (!s)
        return OCRVL_OK;
    ocrvl_status st = OCRVL_OK;
    cairo_surface_flush(s);
    if (cairo_surface_status(s) == CAIRO_STATUS_SUCCESS && cairo_surface_get_type(s) == CAIRO_SURFACE_TYPE_IMAGE)
        st = unpack(img, s, 0, 0, limits, err);
    cairo_surface_destroy(s);
    return st == OCRVL_E_LIMIT ? OCRVL_OK : st;
}

/* Puts white around a scan that leaves a margin of over a point, so that the image shows the whole page. */
static ocrvl_status add_margins(ocrvl_image **img, box b, size points, const ocrvl_limits *limits, ocrvl_error *err)
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
    ocrvl_status st = ocrvl_image_new(&to, width, height, from->channels, from->dpi_x, from->dpi_y, limits, err);
    size_t row = (size_t)from->width * from->channels;
    for (size_t y = 0; st == OCRVL_OK && y < from->height; y++)
        memcpy(to->data + ((top + y) * to->width + left) * to->channels, from->data + y * row, row);
    ocrvl_image_free(from);
    *img = to;
    return st;
}

/* *img is the page's one scan, upright, or NULL if the page isn't one. *own_dpi: the resolution of the picture that was
 * looked at, 0 if none was. */
static ocrvl_status take_scan(ocrvl_image **img, PopplerPage *page, int id, size points, double *own_dpi,
                              const ocrvl_limits *limits, ocrvl_error *err)
{
    PopplerRectangle ink; /* y down, as drawn */
    unsigned orientation = 0;
    *img = NULL;
    *own_dpi = 0;
    if (!poppler_page_get_bounding_box(page, &ink))
        return OCRVL_OK;
    box b = {ink.x1, ink.y1, ink.x2 - ink.x1, ink.y2 - ink.y1};
    if (!(b.w * b.h > 0.5 * points.w * points.h))
        return OCRVL_OK;
    ocrvl_status st = get_picture(img, page, id, limits, err);
    if (st || !*img)
        return st;
    *own_dpi = sqrt((double)(*img)->width * (*img)->height / (b.w * b.h)) * 72;
    st = find_orientation(&orientation, page, b, *img, *own_dpi, err);
    if (st || orientation == 0) {
        ocrvl_image_free(*img);
        *img = NULL;
        return st;
    }
    st = ocrvl_pixels_orient(img, orientation, err);
    return st ? st : add_margins(img, b, points, limits, err);
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
    d->label = poppler_page_get_label(page);
    snprintf(number, sizeof number, "%llu", (unsigned long long)index + 1);
    if (d->label && d->label[0] && strcmp(d->label, number) != 0) /* poppler counts where there are no labels */
        place->label = d->label;
}

static ocrvl_status pdf_page(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    document *d = doc;
    const ocrvl_limits *limits = &d->opt->limits;
    size points;
    double own_dpi = 0;
    bool any = false, some = false;
    *img = NULL;
    PopplerPage *page = poppler_document_get_page(d->poppler, (int)index);
    if (!page)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be read");
    describe(d, page, index, place);
    poppler_page_get_size(page, &points.w, &points.h);
    ocrvl_status st = OCRVL_OK;
    if (!(points.w > 0.01 && points.h > 0.01 && points.w < 1e6 && points.h < 1e6))
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: a page of %g x %g points", points.w, points.h);
    int scan = st == OCRVL_OK ? find_scan(page, points, &any, &some) : -1;
    if (any && (d->most_side > MAX_CAIRO_SIDE || d->most_pixels > fmax(OCRVL_MAX_PIXELS, limits->max_pixels)))
        st = ocrvl_fail(err, OCRVL_E_LIMIT, "PDF: a page with pictures, of which one in the document has up to %llu pixels",
                        (unsigned long long)d->most_pixels);
    if (st == OCRVL_OK && scan >= 0 && !d->opt->render_always && d->most_pixels <= limits->max_pixels)
        st = take_scan(img, page, scan, points, &own_dpi, limits, err);
    place->native = *img != NULL;
    if (st == OCRVL_OK && !*img) {
        double dpi = d->opt->dpi > 0 ? d->opt->dpi : fmin(fmax(choose_dpi(page, some), own_dpi), MAX_DPI);
        st = render(img, page, points, dpi, limits, err);
    }
    g_object_unref(page);
    return st;
}

const ocrvl_document_format ocrvl_format_pdf = {"application/pdf", pdf_sniff, pdf_open, pdf_free, pdf_page};
