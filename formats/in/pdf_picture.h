/* A picture of a PDF, as its object describes it, by qpdf. */
#ifndef OCRVL_IN_PDF_PICTURE_H
#define OCRVL_IN_PDF_PICTURE_H

#include <qpdf/qpdf-c.h>

#include <stdbool.h>
#include <stdint.h>

/* Whether its only filter is this one, by its long or short name. */
bool ocrvl_pdf_picture_is(qpdf_data pdf, qpdf_oh dict, const char *filter, const char *brief);
/* An integer of the dictionary, under its long or short key; `otherwise` if it isn't there. */
long long ocrvl_pdf_picture_number(qpdf_data pdf, qpdf_oh dict, const char *key, const char *brief,
                                   long long otherwise);
/* How many values a pixel has; 0 if that isn't known. */
uint32_t ocrvl_pdf_picture_channels(qpdf_data pdf, qpdf_oh dict);

#endif
