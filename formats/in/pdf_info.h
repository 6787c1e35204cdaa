/* What a PDF says of itself: its title, author and dates, and its outline. */
#ifndef OCRVL_IN_PDF_INFO_H
#define OCRVL_IN_PDF_INFO_H

#include <poppler.h>

#include "base/buf.h"
#include "ocrvl_formats.h"

typedef struct ocrvl_pdf_info { /* zero-initialise */
    ocrvl_document_info info;
    bool read, any;    /* whether it has been looked for; whether there is anything */
    ocrvl_buf strings; /* that info points into */
    ocrvl_outline_entry *outline;
} ocrvl_pdf_info;

void ocrvl_pdf_info_free(ocrvl_pdf_info *i);
/* Does nothing if it has been read. language: the catalog's /Lang, or "". An outline is followed to a depth of 12 and
 * up to 5000 entries. Errors: OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_info_read(ocrvl_pdf_info *i, PopplerDocument *document, const char *language,
                                                  ocrvl_error *err);

#endif
