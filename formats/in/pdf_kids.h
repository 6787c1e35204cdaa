/* The tree of a PDF's pages, cleaned of what readers stumble over. */
#ifndef OCRVL_IN_PDF_KIDS_H
#define OCRVL_IN_PDF_KIDS_H

#include <qpdf/qpdf-c.h>

#include "ocrvl.h"

typedef struct ocrvl_pdf_kids {
    uint64_t told; /* how many pages the document says it has; 0: it doesn't say */
    uint64_t lost; /* pages, or nodes with pages, that the tree names and the file lacks */
    bool changed;  /* the tree was cleaned of something */
} ocrvl_pdf_kids;

/* Takes out of an open document's tree what is no page: entries that are missing or no dictionaries, nodes that are met
 * a second time, as those of a cycle are, and nodes without entries. An entry that isn't in an array is put into one,
 * and counts are set right. It has to be called before qpdf is asked for pages, which it would count among them, or
 * fail at. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_clean_kids(ocrvl_pdf_kids *k, qpdf_data pdf, ocrvl_error *err);

#endif
