/* How large the pictures of a PDF's pages are, before poppler unpacks them: it does so whole, whatever their size. */
#ifndef OCRVL_IN_PDF_PICTURE_SIZES_H
#define OCRVL_IN_PDF_PICTURE_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_pdf_picture_sizes ocrvl_pdf_picture_sizes; /* a document */

/* Whether the file may have pictures but in the midst of pages' contents. It is told by its bytes, in time in
 * proportion to len: a picture's dictionary is never compressed. */
bool ocrvl_pdf_is_pictured(const uint8_t *data, size_t len);

/* The pixels of the largest picture that a dictionary in the file describes, where sizes are written as plainly as they
 * are by all programs: this is asked where the file is too broken to be asked properly. */
uint64_t ocrvl_pdf_largest_picture(const uint8_t *data, size_t len);

/* The bytes must stay. NULL: the document can't be opened so. */
ocrvl_pdf_picture_sizes *ocrvl_pdf_picture_sizes_open(const void *data, size_t len, const char *password);
void ocrvl_pdf_picture_sizes_free(ocrvl_pdf_picture_sizes *p);

typedef struct ocrvl_pdf_picture_size { /* in pixels; 0 x 0: there is none */
    double width, height;
} ocrvl_pdf_picture_size;

/* The picture of the most pixels and the one with the longest side that page `index`, 0-based, can show: on it, in
 * forms, patterns and Type 3 fonts, as a mask, in the looks of its annotations. If either is over its limit, only
 * those count that the page's contents name. False: that isn't known. */
bool ocrvl_pdf_picture_sizes_largest(ocrvl_pdf_picture_sizes *p, uint64_t index, double most_pixels, double most_side,
                                     ocrvl_pdf_picture_size *most, ocrvl_pdf_picture_size *longest);

#endif
