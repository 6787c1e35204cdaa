/* A PDF whose beginning or end isn't as it should be: what stands around it, and what is missing from it. */
#ifndef OCRVL_IN_PDF_RECOVER_H
#define OCRVL_IN_PDF_RECOVER_H

#include "ocrvl.h"

/* Whether this is a PDF. Other bytes may stand before its mark, of which poppler and qpdf skip 1024; *at, which may be
 * NULL, is where it begins for them. A file whose first line is lost begins with an object. */
bool ocrvl_pdf_begins(const uint8_t *data, size_t len, size_t *at);

typedef struct ocrvl_pdf_end {
    size_t len;  /* of the document, without what mail and web servers have put after it */
    bool cut;    /* what says where its objects are is missing */
    bool lost;   /* and more than that: the file ends within an object, */
    bool within; /* and within its stream */
    bool update; /* what is cut is a later version of a document that is complete */
} ocrvl_pdf_end;

ocrvl_pdf_end ocrvl_pdf_find_end(const uint8_t *data, size_t len);

/* Makes a document that can be opened of objects without a table and a trailer: objects in object streams become
 * ordinary ones, and a catalog and a tree of the pages in the order of the file are added if they are missing, or
 * no_tree says that they are of no use; *own_tree: they aren't. *out is to be freed; it is NULL if there is no page.
 * Fails with OCRVL_E_FORMAT if they are encrypted, and the file's end was needed to decrypt them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_recover(uint8_t **out, size_t *out_len, bool *own_tree, const uint8_t *data,
                                                size_t len, bool no_tree, ocrvl_error *err);

#endif
