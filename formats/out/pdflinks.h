/* Links on pages that are written as images. */
#ifndef OCRVL_OUT_PDFLINKS_H
#define OCRVL_OUT_PDFLINKS_H

#include "base/buf.h"
#include "ocrvl_formats.h"

/* Appends " /Annots [ ... ]" for the links of a page that is shown width x height points large, if it has any. Those to
 * other pages of the document lead to names (ocrvl_put_pdf_names) if `inner` is set, and are left out otherwise.
 * Returns whether there was such a one. */
bool ocrvl_put_pdf_links(ocrvl_buf *b, const ocrvl_page *page, double width, double height, bool inner);
/* Appends " /Dests << ... >>", the names of pages [count] by which page of the document each is, from 0 (UINT64_MAX: of
 * another one). refs: their references, "N 0 R" each, one a line. */
void ocrvl_put_pdf_names(ocrvl_buf *b, const uint64_t *pages, size_t count, const char *refs);

#endif
