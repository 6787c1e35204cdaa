/* What a tagged PDF says of a page's structure, word by word. */
#ifndef OCRVL_IN_PDF_TAGS_H
#define OCRVL_IN_PDF_TAGS_H

#include "in/pdf_text.h"

typedef struct ocrvl_pdf_tags ocrvl_pdf_tags;

/* Reads the structure tree of the document; *out is NULL if there is none. The document must stay. OCRVL_E_NOMEM
 * alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_tags_open(ocrvl_pdf_tags **out, const void *data, size_t len,
                                                  const char *password, ocrvl_error *err);
void ocrvl_pdf_tags_free(ocrvl_pdf_tags *t);

/* Tells the tags of the page's words (own->text), which stays as it is if there are none. crop: x0, y0, x1, y1 of what
 * is shown of the page, in its user space; p->marks isn't NULL. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_tags_page(ocrvl_pdf_tags *t, ocrvl_pdf_own *own, const ocrvl_pdf_page *p,
                                                  const double crop[4], ocrvl_error *err);

#endif
