/* Where what a PDF's content shows stands on the image of its page, and what of it a character or word may be. */
#ifndef OCRVL_IN_PDF_PLACES_H
#define OCRVL_IN_PDF_PLACES_H

#include "in/content_marks.h"
#include "ocrvl.h"

/* How a point of the page's user space stands on its image. */
typedef struct ocrvl_pdf_view {
    double x0, y0, x1, y1, sx, sy;
    int rotate;
} ocrvl_pdf_view;

/* Of an image of width x height pixels, or points, of what is in the crop box, turned by `rotate` degrees. */
ocrvl_pdf_view ocrvl_pdf_view_of(double width, double height, const double crop[4], int rotate);
void ocrvl_pdf_view_map(const ocrvl_pdf_view *v, float *x, float *y);

enum { OCRVL_PLACES_BANDS = 256 };
typedef struct ocrvl_places {
    const ocrvl_marks_shown *shown; /* borrowed */
    uint32_t *entries;              /* of shown text, by bands of the page's height */
    size_t first[OCRVL_PLACES_BANDS + 1];
    double height;
    size_t looks; /* that were taken so far */
    bool cut;     /* not all is known: there are too many places, or looks */
} ocrvl_places;

/* Puts what is shown on its image, and sorts it for ocrvl_places_find; what stands off the page is left out. OCRVL_E_NOMEM
 * alone; to be freed in every case. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_places_make(ocrvl_places *p, ocrvl_marks_list *shown, const ocrvl_pdf_view *v,
                                                double height, ocrvl_error *err);
void ocrvl_places_free(ocrvl_places *p);

/* The index of the shown text that fits best what has its middle there, or UINT32_MAX. fits: whether a shown text comes
 * into question; NULL: each does. */
uint32_t ocrvl_places_find(ocrvl_places *p, float x, float y, bool (*fits)(void *user, const ocrvl_marks_shown *s),
                           void *user);

#endif
