/* Which of a document's fonts the characters of a page are in: poppler tells the names alone, and several fonts may have
 * the same. */
#ifndef OCRVL_IN_PDF_FONTS_H
#define OCRVL_IN_PDF_FONTS_H

#include "in/glyphs.h"
#include "in/pdf_marks.h"

/* Sets the numbers of the fonts' objects in g, and gives characters of different fonts different styles. The number is 0
 * where the font can't be told. Where a name is that of several fonts of the page, characters are told from what its
 * content shows by where they stand, on a page of width x height points that shows what is in the crop box.
 * OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_fonts_tell(ocrvl_glyphs *g, ocrvl_pdf_marks *marks, uint64_t index,
                                                   double width, double height, const double crop[4], ocrvl_error *err);

#endif
