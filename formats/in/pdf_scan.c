#include "in/pdf_scan.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/pixels.h"
#include "in/thumb.h"

#define LEAST_DPI 60.0 /* print in a coarser picture can't be read, so it is a background */
#define LEAST_SIDE 8   /* pixels of a thumbnail, below which nothing is compared */
#define TINY 0.002     /* share of a page */

typedef struct box {
    double x, y, w, h; /* in points, from the top left of the page as it is shown */
} box;

/* ---- contents of a page ------------------------------------------------------------------------------ */

/* poppler gives sizes rounded to points and, on rotated or cropped pages, wrong positions, so only the sizes are
 * used. */
void ocrvl_pdf_pictures_find(ocrvl_pdf_pictures *p, PopplerPage *page, ocrvl_pdf_size points)
{
    *p = (ocrvl_pdf_pictures){.id = {-1, -1, -1}};
    GList *list = poppler_page_get_image_mapping(page);
    for (const GList *i = list; i; i = i->next, p->count++) {
        const PopplerImageMapping *m = i->data;
        int id = m->image_id;
        const double at[4] = {fmin(m->area.x1, m->area.x2), fmin(m->area.y1, m->area.y2), fmax(m->area.x1, m->area.x2),
                              fmax(m->area.y1, m->area.y2)};
        double part = (at[2] - at[0]) * (at[3] - at[1]) / (points.w * points.h);
        p->covered += part;
        if (part > TINY && p->place_count < OCRVL_PDF_PLACES)
            memcpy(p->places[p->place_count++], at, sizeof at);
        for (int k = 0; k < OCRVL_PDF_LARGE; k++)
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

/* *img is NULL if there is no such image, or if it is too large to decode. */
static ocrvl_status get_picture(ocrvl_image **img, uint64_t max_decoded, PopplerPage *page, int id, ocrvl_error *err)
{
    *img = NULL;
    cairo_surface_t *s = poppler_page_get_image(page, id);
    if (!s)
        return OCRVL_OK;
    ocrvl_status st = OCRVL_OK;
    cairo_surface_flush(s);
    if (cairo_surface_status(s) == CAIRO_STATUS_SUCCESS && cairo_surface_get_type(s) == CAIRO_SURFACE_TYPE_IMAGE)
        st = ocrvl_pdf_unpack(img, s, 0, 0, max_decoded, false, err);
    cairo_surface_destroy(s);
    return st == OCRVL_E_LIMIT ? OCRVL_OK : st;
}

double ocrvl_pdf_pictures_finest(const ocrvl_pdf_pictures *p, PopplerPage *page, ocrvl_pdf_size points,
                                 const ocrvl_pdf_limits *limits)
{
    double dpi = 0;
    for (int i = 0; i < OCRVL_PDF_LARGE && p->part[i] > p->part[0] / 4; i++) {
        ocrvl_image *img;
        if (get_picture(&img, limits->max_decoded, page, p->id[i], NULL) == OCRVL_OK && img)
            dpi = fmax(dpi, sqrt(img->width * (double)img->height / (p->part[i] * points.w * points.h)) * 72);
        ocrvl_image_free(img);
    }
    return dpi;
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
    ocrvl_status st = ocrvl_pdf_draw(&s, page, turned ? own->height : own->width, turned ? own->width : own->height,
                                     b.x, b.y, (turned ? h : w) / b.w, (turned ? w : h) / b.h, err);
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
    double level = b.w / b.h * img->height / img->width, on_side = b.h / b.w * img->height / img->width;
    bool turned = fmax(level, 1 / level) > fmax(on_side, 1 / on_side);
    ocrvl_status st = ocrvl_thumb_of_image(&own, img, side, err);
    bool looks = !st && own.width >= LEAST_SIDE && own.height >= LEAST_SIDE;
    if (looks)
        st = match(orientation, page, b, img, &own, turned, err);
    if (looks && st == OCRVL_OK && *orientation == 0)
        st = match(orientation, page, b, img, &own, !turned, err);
    ocrvl_free(own.data);
    return st;
}

/* Adds white around a scan that leaves a margin of over a point, so that the image shows the whole page. */
static ocrvl_status add_margins(ocrvl_image **img, box b, ocrvl_pdf_size points, uint64_t max_pixels, ocrvl_error *err)
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

/* Whether the picture, upright or on its side, has the resolution of a scan in both directions. */
static bool is_fine(const ocrvl_image *img, box b)
{
    double w = b.w * LEAST_DPI / 72, h = b.h * LEAST_DPI / 72;
    return (img->width >= w && img->height >= h) || (img->width >= h && img->height >= w);
}

ocrvl_status ocrvl_pdf_scan_take(ocrvl_image **img, bool *whole, const ocrvl_pdf_pictures *p, PopplerPage *page,
                                 ocrvl_pdf_size points, const ocrvl_pdf_limits *limits, ocrvl_error *err)
{
    uint64_t max_pixels = limits->max_pixels;
    PopplerRectangle ink; /* y points down, as drawn */
    unsigned orientation = 0;
    *img = NULL;
    if (!(p->part[0] > 0.5 && p->part[1] <= 0.5) || !poppler_page_get_bounding_box(page, &ink))
        return OCRVL_OK;
    box b = {ink.x1, ink.y1, ink.x2 - ink.x1, ink.y2 - ink.y1};
    if (!(b.w * b.h > 0.5 * points.w * points.h))
        return OCRVL_OK;
    ocrvl_status st = get_picture(img, limits->max_decoded, page, p->id[0], err);
    if (st || !*img)
        return st;
    if (is_fine(*img, b))
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
