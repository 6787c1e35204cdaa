/* A page of a PDF as pixels, by poppler and cairo. */
#ifndef OCRVL_IN_PDF_DRAW_H
#define OCRVL_IN_PDF_DRAW_H

#include <cairo.h>
#include <poppler.h>

#include "ocrvl.h"

typedef struct ocrvl_pdf_size {
    double w, h; /* in points */
} ocrvl_pdf_size;

/* Draws the page on white, from the point (x, y) on, at sx and sy pixels a point: width x height pixels of RGB24, to be
 * destroyed. Fails with OCRVL_E_NOMEM, or OCRVL_E_FORMAT if cairo can't draw it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_draw(cairo_surface_t **out, PopplerPage *page, uint32_t width, uint32_t height,
                                             double x, double y, double sx, double sy, ocrvl_error *err);
/* Makes an image of 1 or 3 channels, whichever the surface's colours need, with alpha laid on white. shared: as
 * ocrvl_image_new_shared has it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_unpack(ocrvl_image **img, cairo_surface_t *s, double dpi_x, double dpi_y,
                                               uint64_t max_pixels, bool shared, ocrvl_error *err);

/* How many pixels so many points are, at least 1. */
uint32_t ocrvl_pdf_pixels(double points, double dpi);
/* Lowers dpi until the page is within the limits. */
double ocrvl_pdf_fit_dpi(double dpi, ocrvl_pdf_size page, uint64_t max_pixels);
/* The longest side of a surface that cairo makes, less one for rounding. */
#define OCRVL_CAIRO_SIDE 32766.0

/* The page from the point (x, y) on as an image of width x height, at `scale` pixels a point. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_draw_image(ocrvl_image **img, PopplerPage *page, uint32_t width,
                                                   uint32_t height, double x, double y, double scale,
                                                   uint64_t max_pixels, bool shared, ocrvl_error *err);
/* The whole page as an image of dpi or, if that is over the limits, less. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_render(ocrvl_image **img, PopplerPage *page, ocrvl_pdf_size points, double dpi,
                                               uint64_t max_pixels, bool shared, ocrvl_error *err);
/* The size in points of the smallest ordinary text: the 2 % of characters in the smallest type (footnote marks,
 * microprint) don't count. Returns 0 if the page has less than a line of text. */
double ocrvl_pdf_smallest_text(PopplerPage *page);

#endif
