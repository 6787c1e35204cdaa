/* The contents of a PDF's pages and of the forms on them, by qpdf: walked through, and edited. */
#ifndef OCRVL_IN_PDF_CONTENTS_H
#define OCRVL_IN_PDF_CONTENTS_H

#include <qpdf/qpdf-c.h>

#include "base/buf.h"
#include "in/content.h"
#include "ocrvl.h"

/* What is wrong with content, told of a page by ocrvl_pdf_walk.broken. */
typedef enum ocrvl_pdf_fault {
    OCRVL_PDF_NO_CONTENT,       /* the object is missing from the file, or isn't a stream */
    OCRVL_PDF_UNKNOWN_FILTER,   /* name: the filter */
    OCRVL_PDF_CUT_CONTENT,      /* its data are damaged: what can be decoded is gone through */
    OCRVL_PDF_CONFUSED_CONTENT, /* its operators make no sense */
    OCRVL_PDF_NO_PICTURE,       /* name: what it shows is missing from the file */
    OCRVL_PDF_NO_FONT           /* name: the font is missing from the file */
} ocrvl_pdf_fault;

/* A walk; zero-initialise, and set pdf, find and what is wanted. */
typedef struct ocrvl_pdf_walk {
    qpdf_data pdf;
    bool (*find)(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);
    void *user;
    void (*picture)(void *user, qpdf_oh image);                          /* each that is shown, once; or NULL */
    void (*broken)(void *user, ocrvl_pdf_fault fault, const char *name); /* or NULL */
    bool no_layers;              /* leave out forms that are a layer, which may be hidden for the moment */
    bool changed, forms_changed; /* anything; a form, which other pages may show as well */
    bool failed;                 /* memory was exhausted */
    ocrvl_buf seen; /* object ids of forms and pictures that were met, as ints; to be freed, or emptied for another
                           * page */
} ocrvl_pdf_walk;

/* Goes through the page's contents and the forms that they show, and cuts out of them what find finds. Content that is
 * too large, nested too deeply or undecodable stays as it is. */
void ocrvl_pdf_walk_page(ocrvl_pdf_walk *w, size_t index);

/* Whether a form or picture is met for the first time; from then on it isn't. */
bool ocrvl_pdf_walk_is_new(ocrvl_pdf_walk *w, int id);

enum { OCRVL_PDF_NAME = 64 }; /* bytes for a name in a message */
/* Whether the stream with this dictionary has a filter that no version of PDF has; its name without slash, cut. */
bool ocrvl_pdf_unknown_filter(char name[OCRVL_PDF_NAME], qpdf_data pdf, qpdf_oh dict);

/* Decodes a stream of content or of objects: *data, made by malloc, is to be freed. Fails if it isn't a stream, has
 * other filters than those for text, or is so large that decoding it takes too much memory. *whole, which may be
 * NULL: no damage was met. */
bool ocrvl_pdf_stream_decode(unsigned char **data, size_t *len, bool *whole, qpdf_data pdf, qpdf_oh stream);

/* Opens the document; errors and warnings stay silent. Never NULL: ocrvl_pdf_objects_check tells whether it is open. */
qpdf_data ocrvl_pdf_objects_open(const void *data, size_t len, const char *password);
/* The same without looking for its objects if their list is broken. False: it can't be opened so, and *out is NULL. */
bool ocrvl_pdf_objects_open_whole(qpdf_data *out, const void *data, size_t len, const char *password);
void ocrvl_pdf_objects_close(qpdf_data *pdf); /* leaves NULL, which is closed already */
/* What a page has under a key, or else what it inherits; null if it has none. */
qpdf_oh ocrvl_pdf_objects_inherited(qpdf_data pdf, qpdf_oh page, const char *key);
/* Appends the values of a dictionary to a list of qpdf_oh; of what is none, nothing. */
void ocrvl_pdf_objects_values(ocrvl_buf *list, qpdf_data pdf, qpdf_oh dict);
/* Appends the looks of the page's annotations to a list of qpdf_oh: each a stream, or streams by the annotation's state.
 * False: there are more annotations than are looked at. */
bool ocrvl_pdf_objects_looks(ocrvl_buf *list, qpdf_data pdf, qpdf_oh page);
/* Takes the warnings that have come, which would be kept. Returns whether there were any. */
bool ocrvl_pdf_objects_warned(qpdf_data pdf);
/* Gives the error that the handle has, if any: OCRVL_E_PASSWORD, OCRVL_E_UNSUPPORTED for encryption that no password
 * opens, OCRVL_E_NOMEM or OCRVL_E_FORMAT. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_objects_check(qpdf_data pdf, ocrvl_error *err);
/* The whole document as it now is, unchanged but for its edits; *out is to be freed. bare: without encryption. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_objects_write(uint8_t **out, size_t *out_len, qpdf_data pdf, bool bare,
                                                      ocrvl_error *err);
/* Whether the document can be written: OCRVL_E_NOMEM if that takes more memory than there is, as a few bytes may hold
 * very large objects, OCRVL_OK in every other case. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_objects_try(const void *data, size_t len, const char *password,
                                                    ocrvl_error *err);

#endif
