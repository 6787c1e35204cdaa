/* Text that a document carries, on its way to the result: lines that the layout needn't look for. */
#ifndef OCRVL_READ_OWN_TEXT_H
#define OCRVL_READ_OWN_TEXT_H

#include "layout/layout.h"

typedef struct ocrvl_own_page { /* zero-initialise */
    const ocrvl_own_text *text; /* in the upright frame; NULL if there is none */
    ocrvl_own_text *turned;     /* that, if the page is to be turned; else text is borrowed */
    uint32_t rotation;          /* how much it is to be turned, degrees clockwise */
    ocrvl_known_line *known;    /* [count] the level lines of text */
    uint32_t *line;             /* [count] the number of each in text->lines */
    size_t count;
    size_t differing; /* lines that are left out, as their fonts' characters aren't what can be read */
} ocrvl_own_page;

/* A page most of whose text isn't level is turned, unless keep_rotation is set. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_page_make(ocrvl_own_page *out, const ocrvl_own_text *text, bool keep_rotation,
                                                  ocrvl_error *err);
void ocrvl_own_page_free(ocrvl_own_page *o); /* leaves it empty */

#endif
