/* Where the text of a PDF page stands, by poppler. */
#ifndef OCRVL_IN_PDF_LINES_H
#define OCRVL_IN_PDF_LINES_H

#include "in/pdf_draw.h"
#include "ocrvl_formats.h"

/* The places of one page's text, and the memory that they are in. Zero-initialise; it is used for page after page. */
typedef struct ocrvl_pdf_lines {
    char *text;              /* of all lines; in GLib's memory */
    ocrvl_text_place *lines; /* they point into text */
    ocrvl_box *boxes;        /* of adjacent characters */
} ocrvl_pdf_lines;

void ocrvl_pdf_lines_free(ocrvl_pdf_lines *l);

/* Sets place->text_boxes, the boxes in img of the page's own text: adjacent characters, up to white space, share one.
 * */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_lines_boxes(ocrvl_pdf_lines *l, PopplerPage *page, ocrvl_pdf_size points,
                                                    const ocrvl_image *img, ocrvl_page_place *place, ocrvl_error *err);
/* Sets place->text_places, the lines of place->text_layer with their boxes in img. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_lines_place(ocrvl_pdf_lines *l, PopplerPage *page, ocrvl_pdf_size points,
                                                    const ocrvl_image *img, ocrvl_page_place *place, ocrvl_error *err);

#endif
