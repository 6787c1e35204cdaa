/* An input PDF onto whose pages text is written. */
#ifndef OCRVL_OUT_QPDF_H
#define OCRVL_OUT_QPDF_H

#include "out/pdfmeta.h"

typedef struct ocrvl_qpdf ocrvl_qpdf;

typedef struct ocrvl_qpdf_info {
    uint64_t pages;
    bool damaged; /* it had to be repaired to be read at all */
    bool signed_; /* it has signatures, which are valid only for its present bytes */
    bool encrypted;
} ocrvl_qpdf_info;

/* The bytes must outlive q. Fails with OCRVL_E_PASSWORD, OCRVL_E_FORMAT or OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_open(ocrvl_qpdf **out, ocrvl_qpdf_info *info, const void *data, size_t len,
                                              const char *password, ocrvl_error *err);
void ocrvl_qpdf_free(ocrvl_qpdf *q);

/* Writes the page's text onto page place->index, which must be in the document; without text the page stays unchanged.
 * The text comes before the page's own content: it is invisible, and there no graphics state left by the content
 * affects it. The page gets resources of its own, so that resources shared with other pages don't change. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_add(ocrvl_qpdf *q, const ocrvl_page *page, const ocrvl_page_place *place,
                                             ocrvl_error *err);

/* Takes a page as it is. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_keep(ocrvl_qpdf *q, const ocrvl_page_place *place, ocrvl_error *err);

/* What keeps a page, or with UINT64_MAX what is of all the document, from PDF/A: see out/pdfa.h. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_examine(ocrvl_qpdf *q, uint64_t page, ocrvl_pdfa part, ocrvl_buf *why,
                                                 ocrvl_error *err);
/* Makes the document say that it is PDF/A: ocrvl_qpdf_write then writes it as such, without encryption. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_claim(ocrvl_qpdf *q, ocrvl_pdfa part, const ocrvl_pdfa_parts *parts,
                                               ocrvl_error *err);

/* Gives the document with its additions in memory that q owns, or its own bytes if nothing was added. Nothing can be
 * added afterwards. The result depends on nothing else, unless it is encrypted. An encrypted document is encrypted with
 * the same passwords; fails with OCRVL_E_UNSUPPORTED if the installed qpdf can't do that. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_write(ocrvl_qpdf *q, const void **data, size_t *len, ocrvl_error *err);
/* Does with the document all that making it PDF/A takes, for nothing: for a process with limits to find out whether it
 * can be done. OCRVL_E_NOMEM if there is no memory for it, OCRVL_OK in every other case. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_rehearse(const void *data, size_t len, const char *password, ocrvl_error *err);
/* Whether any page was changed. */
bool ocrvl_qpdf_changed(const ocrvl_qpdf *q);

/* A document into which pages are copied. */
typedef struct ocrvl_qpdf_target {
    void *user;
    size_t parent;                 /* the object number of the pages' parent */
    size_t (*reserve)(void *user); /* returns the number of a later object, or 0 if memory is exhausted */
    void (*put)(void *user, size_t number, const ocrvl_buf *object, const void *stream,
                size_t len);                 /* stream is NULL for objects without one */
    void (*page)(void *user, size_t number); /* the next page is this object */
} ocrvl_qpdf_target;

/* Copies all pages that were passed to ocrvl_qpdf_add, in that order, with everything that they need. Nothing can be
 * added afterwards. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_qpdf_copy(ocrvl_qpdf *q, const ocrvl_qpdf_target *to, ocrvl_error *err);

#endif
