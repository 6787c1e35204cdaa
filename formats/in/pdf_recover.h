/* A PDF whose end isn't as it should be: what follows it, and what is missing from it. */
#ifndef OCRVL_IN_PDF_RECOVER_H
#define OCRVL_IN_PDF_RECOVER_H

#include "ocrvl.h"

typedef struct ocrvl_pdf_end {
    size_t len; /* of the document, without what mail and web servers have put after it */
    bool cut;   /* what says where its objects are is missing */
    bool lost;  /* and more than that: the file ends within an object */
} ocrvl_pdf_end;

ocrvl_pdf_end ocrvl_pdf_find_end(const uint8_t *data, size_t len);

/* Makes a document that can be opened of objects without a table and a trailer: objects in object streams become
 * ordinary ones, and a catalog and a tree of the pages in the order of the file are added if they are missing. *out is
 * to be freed; it is NULL if there is no page. Fails with OCRVL_E_FORMAT if they are encrypted, and the file's end was
 * needed to decrypt them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_recover(uint8_t **out, size_t *out_len, const uint8_t *data, size_t len,
                                                ocrvl_error *err);

#endif
