/* What poppler says while it works on a page. */
#ifndef OCRVL_IN_PDF_HEARD_H
#define OCRVL_IN_PDF_HEARD_H

#include <stdbool.h>

/* What was heard; zero-initialise. */
typedef struct ocrvl_pdf_heard {
    bool unbalanced; /* a Q without its q, at which poppler left the page or form */
    bool misread;    /* a stream whose length is none, which qpdf can mend */
    char error[100]; /* the first error, in poppler's words, though maybe none that can be seen; empty: none */
    char lost[100];  /* the first error that means lost text or pixels; empty: none */
    struct ocrvl_pdf_heard *outer; /* who listened before, on this thread */
    unsigned handler;
} ocrvl_pdf_heard;

/* How poppler begins to say that no character maps are installed for a collection of characters, whose name follows, up
 * to another '. */
#define OCRVL_PDF_NO_MAPS "Missing language pack for '"

/* From here to ocrvl_pdf_heard_end what poppler says on this thread goes into h, and nothing of it to standard error.
 * Other threads may do the same. Pairs may be nested; the inner one then hears. */
void ocrvl_pdf_heard_begin(ocrvl_pdf_heard *h);
void ocrvl_pdf_heard_end(ocrvl_pdf_heard *h);

#endif
