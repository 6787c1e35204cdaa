/* A PDF of somebody else, onto whose pages text is put. */
#ifndef OCRVL_OUT_QPDF_H
#define OCRVL_OUT_QPDF_H

#include "base/buf.h"
#include "ocrvl_formats.h"

typedef struct ocrvl_qpdf ocrvl_qpdf;

typedef struct ocrvl_qpdf_info {
    uint64_t pages;
    bool damaged; /* it was mended to be read at all */
    bool signed_; /* by signatures that hold for its bytes */
    bool encrypted;
} ocrvl_qpdf_info;

/* The bytes must stay. OCRVL_E_PASSWORD, OCRVL_E_FORMAT, OCRVL_E_NOMEM as their names say. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_open(ocrvl_qpdf **out, ocrvl_qpdf_info *info, const void *data, size_t len,
                                              const char *password, ocrvl_error *err);
void ocrvl_qpdf_free(ocrvl_qpdf *q);

/* Puts the page's text onto page place->index, which is in the document; without text the page is untouched. The text
 * comes before the page's own content: it can't be seen, and there no state that the content leaves is in its way. The
 * page gets resources of its own, so that none are changed that others share. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_add(ocrvl_qpdf *q, const ocrvl_page *page, const ocrvl_page_place *place,
                                             ocrvl_error *err);

/* The document with what was added, which stays q's: its own bytes where nothing was. Nothing can be added afterwards.
 * It depends on nothing else, unless it is encrypted. An encrypted document is encrypted with the same passwords;
 * OCRVL_E_UNSUPPORTED: this qpdf can't. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_write(ocrvl_qpdf *q, const void **data, size_t *len, ocrvl_error *err);
/* Whether any page was changed. */
bool ocrvl_qpdf_changed(const ocrvl_qpdf *q);

/* A document that pages are copied into. */
typedef struct ocrvl_qpdf_target {
    void *user;
    size_t parent;                 /* the number of the pages' parent */
    size_t (*reserve)(void *user); /* a number for an object that is to come, 0: no memory */
    void (*put)(void *user, size_t number, const ocrvl_buf *object, const void *stream,
                size_t len);                 /* stream NULL: none */
    void (*page)(void *user, size_t number); /* the next page is that object */
} ocrvl_qpdf_target;

/* Copies all pages that were given to ocrvl_qpdf_add, in that order, with all that they need. Nothing can be added
 * afterwards. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_copy(ocrvl_qpdf *q, const ocrvl_qpdf_target *to, ocrvl_error *err);

#endif
