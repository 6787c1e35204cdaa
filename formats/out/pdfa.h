/* What PDF/A (ISO 19005-1 and -2, level B) asks of a PDF that isn't made anew: found out, and mended where nothing is
 * lost by it. */
#ifndef OCRVL_OUT_PDFA_H
#define OCRVL_OUT_PDFA_H

#include <qpdf/qpdf-c.h>

#include "out/pdfmeta.h"

/* Takes qpdf's warnings. Returns whether memory was lacking where one was given: data are then left packed, or an object
 * is null. */
bool ocrvl_pdfa_lacked_memory(qpdf_data pdf);

/* A page's entry, its own or inherited; null if there is none. */
qpdf_oh ocrvl_pdfa_inherited(qpdf_data pdf, qpdf_oh page, const char *key);

/* Mends the page, and appends what keeps it from the standard ("the font X isn't embedded; ..."); nothing: nothing that
 * is looked for. Fonts and pictures are looked for in its resources, in those of forms, patterns and annotations, and
 * in its content; glyphs and the insides of font programs aren't looked at. All handles are released. */
void ocrvl_pdfa_page(qpdf_data pdf, size_t index, ocrvl_pdfa part, ocrvl_buf *why);
/* The same of what belongs to all the document. */
void ocrvl_pdfa_document(qpdf_data pdf, ocrvl_pdfa part, ocrvl_buf *why);

/* Adds it. */
void ocrvl_pdfa_add(qpdf_data pdf, const ocrvl_pdfa_parts *parts);

#endif
