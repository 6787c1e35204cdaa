#include "in/pdf_draw.h"

#include <math.h>

#include "base/error.h"
#include "base/image.h"
#include "in/pixels.h"

/* Larger pages than cairo's are drawn in parts of so many pixels a side. */
#define MAX_PART 8192u

/* ---- surfaces ---------------------------------------------------------------------------------------- */

static ocrvl_status surface_error(cairo_status_t status, ocrvl_error *err)
{
    if (status == CAIRO_STATUS_NO_MEMORY)
        return ocrvl_fail_nomem(err);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be drawn: %s", cairo_status_to_string(status));
}

ocrvl_status ocrvl_pdf_draw(cairo_surface_t **out, PopplerPage *page, uint32_t width, uint32_t height, double x,
                            double y, double sx, double sy, ocrvl_error *err)
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

static bool is_grey(const uint8_t *data, size_t stride, uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++)
        if (!ocrvl_pixels_are_grey((const uint32_t *)(const void *)(data + y * stride), width))
            return false;
    return true;
}

ocrvl_status ocrvl_pdf_unpack(ocrvl_image **img, cairo_surface_t *s, double dpi_x, double dpi_y, uint64_t max_pixels,
                              bool shared, ocrvl_error *err)
{
    uint32_t width = (uint32_t)cairo_image_surface_get_width(s), height = (uint32_t)cairo_image_surface_get_height(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    bool alpha = cairo_image_surface_get_format(s) == CAIRO_FORMAT_ARGB32;
    const uint8_t *data = cairo_image_surface_get_data(s);
    uint32_t channels = is_grey(data, stride, width, height) ? 1 : 3;
    ocrvl_status st = shared ? ocrvl_image_new_shared(img, width, height, channels, dpi_x, dpi_y, max_pixels, err)
                             : ocrvl_image_new(img, width, height, channels, dpi_x, dpi_y, max_pixels, err);
    if (st)
        return st;
    uint8_t *to = (*img)->data;
    for (uint32_t y = 0; y < height; y++, to += (size_t)width * channels) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + y * stride);
        if (channels == 1)
            ocrvl_pixels_unpack_grey(to, row, width, alpha);
        else
            ocrvl_pixels_unpack_rgb(to, row, width, alpha);
    }
    return OCRVL_OK;
}

/* ---- rendering --------------------------------------------------------------------------------------- */

/* The size in points of the smallest ordinary text: the 2 % of characters in the smallest type (footnote marks,
 * microprint) don't count. Returns 0 if the page has less than a line of text. */
double ocrvl_pdf_smallest_text(PopplerPage *page)
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

uint32_t ocrvl_pdf_pixels(double points, double dpi) { return (uint32_t)fmax(1, floor(points * dpi / 72 + 0.5)); }

/* Lowers dpi until the page is within the limits. */
double ocrvl_pdf_fit_dpi(double dpi, ocrvl_pdf_size page, uint64_t max_pixels)
{
    double w = page.w * dpi / 72, h = page.h * dpi / 72;
    double shrink = fmin(sqrt((double)max_pixels / (w * h)), fmin((OCRVL_MAX_SIDE - 1) / w, (OCRVL_MAX_SIDE - 1) / h));
    dpi *= fmin(1, shrink);
    for (int i = 0; i < 1000 && (uint64_t)ocrvl_pdf_pixels(page.w, dpi) * ocrvl_pdf_pixels(page.h, dpi) > max_pixels;
         i++)
        dpi *= 0.995; /* rounding had added a pixel */
    return dpi;
}

/* Draws the part at (left, top) of the image, which shows the page from the point (x, y) on. */
static ocrvl_status draw_into(ocrvl_image *img, PopplerPage *page, uint32_t left, uint32_t top, double x, double y,
                              double scale, ocrvl_error *err)
{
    cairo_surface_t *s;
    uint32_t width = img->width - left < MAX_PART ? img->width - left : MAX_PART;
    uint32_t height = img->height - top < MAX_PART ? img->height - top : MAX_PART;
    ocrvl_status st = ocrvl_pdf_draw(&s, page, width, height, x + left / scale, y + top / scale, scale, scale, err);
    if (st)
        return st;
    const uint8_t *data = cairo_image_surface_get_data(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    for (size_t row = 0; row < height; row++)
        ocrvl_pixels_unpack_rgb(img->data + ((top + row) * img->width + left) * 3,
                                (const uint32_t *)(const void *)(data + row * stride), width, false);
    cairo_surface_destroy(s);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pdf_draw_image(ocrvl_image **img, PopplerPage *page, uint32_t width, uint32_t height, double x,
                                  double y, double scale, uint64_t max_pixels, bool shared, ocrvl_error *err)
{
    cairo_surface_t *s;
    double dpi = scale * 72;
    ocrvl_status st;
    *img = NULL;
    if (width <= OCRVL_CAIRO_SIDE && height <= OCRVL_CAIRO_SIDE) {
        st = ocrvl_pdf_draw(&s, page, width, height, x, y, scale, scale, err);
        if (st)
            return st;
        st = ocrvl_pdf_unpack(img, s, dpi, dpi, max_pixels, shared, err);
        cairo_surface_destroy(s);
        return st;
    }
    st = ocrvl_image_new(img, width, height, 3, dpi, dpi, max_pixels, err);
    for (uint32_t top = 0; !st && top < height; top += MAX_PART)
        for (uint32_t left = 0; !st && left < width; left += MAX_PART)
            st = draw_into(*img, page, left, top, x, y, scale, err);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
    }
    return st;
}

ocrvl_status ocrvl_pdf_render(ocrvl_image **img, PopplerPage *page, ocrvl_pdf_size points, double dpi,
                              uint64_t max_pixels, bool shared, ocrvl_error *err)
{
    dpi = ocrvl_pdf_fit_dpi(dpi, points, max_pixels);
    uint32_t width = ocrvl_pdf_pixels(points.w, dpi), height = ocrvl_pdf_pixels(points.h, dpi);
    if ((uint64_t)width * height > max_pixels)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a page of %.0f x %.0f points does not fit in %llu pixels", points.w,
                          points.h, (unsigned long long)max_pixels);
    return ocrvl_pdf_draw_image(img, page, width, height, 0, 0, dpi / 72, max_pixels, shared, err);
}
