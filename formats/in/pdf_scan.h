/* The pictures of a PDF page, and the one that is the page, by poppler. */
#ifndef OCRVL_IN_PDF_SCAN_H
#define OCRVL_IN_PDF_SCAN_H

#include "in/pdf_draw.h"

enum { OCRVL_PDF_LARGE = 3 }; /* how many pictures are examined: a scan in layers has a background, a mask and inks */
enum { OCRVL_PDF_PLACES = 100 };

typedef struct ocrvl_pdf_pictures {
    size_t count;
    double covered;               /* share of the page; overlaps are counted twice */
    int id[OCRVL_PDF_LARGE];      /* the largest pictures, the largest first; -1 ends the list */
    double part[OCRVL_PDF_LARGE]; /* share of the page that each covers */
    /* [place_count] x0 y0 x1 y1 in points, as poppler gives them, of the first that aren't tiny */
    double places[OCRVL_PDF_PLACES][4];
    size_t place_count;
} ocrvl_pdf_pictures;

typedef struct ocrvl_pdf_limits {
    uint64_t max_pixels;  /* of a page image */
    uint64_t max_decoded; /* of a picture; one that has more isn't examined */
} ocrvl_pdf_limits;

void ocrvl_pdf_pictures_find(ocrvl_pdf_pictures *p, PopplerPage *page, ocrvl_pdf_size points);
/* The resolution of the finest of the pictures that aren't small beside the largest one; 0 if none can be examined. */
double ocrvl_pdf_pictures_finest(const ocrvl_pdf_pictures *p, PopplerPage *page, ocrvl_pdf_size points,
                                 const ocrvl_pdf_limits *limits);

/* *img is the page's only scan, upright, or NULL if the page isn't a scan: it is one if it has a picture fine enough
 * for text, and looks like that picture. *whole means that it was not rotated and has no margins. A scan with more
 * pixels than the limit is refused, as it would be in a file of its own. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_scan_take(ocrvl_image **img, bool *whole, const ocrvl_pdf_pictures *p,
                                                  PopplerPage *page, ocrvl_pdf_size points,
                                                  const ocrvl_pdf_limits *limits, ocrvl_error *err);

#endif
