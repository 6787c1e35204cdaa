/* What a PDF says of itself, in its information dictionary and in its XMP, which PDF/A wants to be the same. */
#ifndef OCRVL_OUT_PDFMETA_H
#define OCRVL_OUT_PDFMETA_H

#include "base/buf.h"
#include "ocrvl_formats.h"

typedef struct ocrvl_pdf_meta { /* zero-initialise */
    ocrvl_buf title, author, subject, keywords;
    ocrvl_buf created;  /* the date of the document that it is made from; empty: not known */
    ocrvl_buf language; /* as BCP 47 has it, but not checked; empty: not known */
} ocrvl_pdf_meta;

/* What makes a document say that it keeps the standard. */
typedef struct ocrvl_pdfa_parts {
    const ocrvl_buf *xmp, *information; /* its metadata, and the same as a dictionary */
    const ocrvl_buf *profile;           /* the ICC profile of its colours, deflated */
    const char *language;               /* of a document that tells none; NULL: none either */
} ocrvl_pdfa_parts;

void ocrvl_pdf_meta_free(ocrvl_pdf_meta *m);
/* Takes what the document of a page says of itself; the title of one that has none is its file's name. */
void ocrvl_pdf_meta_take(ocrvl_pdf_meta *m, const ocrvl_page *page, const ocrvl_page_place *place);
bool ocrvl_pdf_meta_failed(const ocrvl_pdf_meta *m);
/* now: when the file is made, or NULL. It has been made then, or, if its document has a date, changed. */
void ocrvl_put_pdf_xmp(ocrvl_buf *b, const ocrvl_pdf_meta *m, const char *now, ocrvl_pdfa standard);
void ocrvl_put_pdf_information(ocrvl_buf *b, const ocrvl_pdf_meta *m, const char *now);

#endif
