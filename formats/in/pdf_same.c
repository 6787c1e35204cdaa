#include "in/pdf_same.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "in/pdf_draw.h"
#include "in/pdf_heard.h"

#define DPI 100.0
#define MOST_PIXELS 4000000u

/* Which byte of a pixel of RGB24 means nothing. */
#define UNUSED (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 3 : 0)

static PopplerDocument *open_bare(const void *data, size_t len)
{
    GBytes *bytes = g_bytes_new_static(data, len);
    PopplerDocument *d = poppler_document_new_from_bytes(bytes, NULL, NULL);
    g_bytes_unref(bytes);
    return d;
}

/* *s is NULL if the page can't be drawn. */
static ocrvl_status draw(cairo_surface_t **s, PopplerDocument *d, size_t index, ocrvl_error *err)
{
    ocrvl_pdf_size points;
    PopplerPage *page = poppler_document_get_page(d, (int)index);
    *s = NULL;
    if (!page)
        return OCRVL_OK;
    poppler_page_get_size(page, &points.w, &points.h);
    ocrvl_status st = OCRVL_OK;
    if (points.w > 0.01 && points.h > 0.01 && points.w < 1e6 && points.h < 1e6) {
        double dpi = ocrvl_pdf_fit_dpi(DPI, points, MOST_PIXELS);
        st = ocrvl_pdf_draw(s, page, ocrvl_pdf_pixels(points.w, dpi), ocrvl_pdf_pixels(points.h, dpi), 0, 0, dpi / 72,
                            dpi / 72, err);
    }
    g_object_unref(page);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}

static bool are_equal(cairo_surface_t *a, cairo_surface_t *b, int most)
{
    int width = cairo_image_surface_get_width(a), height = cairo_image_surface_get_height(a);
    if (width != cairo_image_surface_get_width(b) || height != cairo_image_surface_get_height(b))
        return false;
    for (int y = 0; y < height; y++) {
        const uint8_t *p = cairo_image_surface_get_data(a) + (ptrdiff_t)y * cairo_image_surface_get_stride(a);
        const uint8_t *q = cairo_image_surface_get_data(b) + (ptrdiff_t)y * cairo_image_surface_get_stride(b);
        if (memcmp(p, q, (size_t)width * 4) == 0)
            continue;
        for (int i = 0; i < 4 * width; i++)
            if (i % 4 != UNUSED && abs(p[i] - q[i]) > most)
                return false;
    }
    return true;
}

static ocrvl_status compare(uint8_t *same, PopplerDocument *a, PopplerDocument *b, size_t index, int most,
                            ocrvl_error *err)
{
    cairo_surface_t *s = NULL, *t = NULL;
    ocrvl_status st = draw(&s, a, index, err);
    if (!st)
        st = draw(&t, b, index, err);
    *same = !st && s && t && are_equal(s, t, most);
    if (s)
        cairo_surface_destroy(s);
    if (t)
        cairo_surface_destroy(t);
    return st;
}

ocrvl_status ocrvl_pdf_same(uint8_t *same, size_t pages, const void *a, size_t a_len, const void *b, size_t b_len,
                            int most, ocrvl_error *err)
{
    ocrvl_pdf_heard heard;
    ocrvl_status st = OCRVL_OK;
    ocrvl_pdf_heard_begin(&heard);
    PopplerDocument *first = open_bare(a, a_len), *second = open_bare(b, b_len);
    for (size_t i = 0; i < pages && !st; i++)
        if (!first || !second)
            same[i] = 0;
        else if (same[i])
            st = compare(&same[i], first, second, i, most, err);
    g_clear_object(&first);
    g_clear_object(&second);
    ocrvl_pdf_heard_end(&heard);
    return st;
}
