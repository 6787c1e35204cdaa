/* Text that a document carries, and what of it is taken for a page. */
#ifndef OCRVL_READ_OWN_PAGE_H
#define OCRVL_READ_OWN_PAGE_H

#include "layout/layout.h"

typedef struct ocrvl_own_page { /* zero-initialise */
    const ocrvl_own_text *text; /* in the upright frame; NULL if there is none */
    ocrvl_own_text *turned;     /* that, if the page is to be turned; else text is borrowed */
    uint32_t rotation;          /* how much it is to be turned, degrees clockwise */
    ocrvl_known_line *known;    /* [count] the level lines of text */
    uint32_t *line;             /* [count] the number of each in text->lines */
    size_t count;
    size_t differing; /* lines that are left out, as their fonts' characters aren't what can be read */
    /* of a tagged document whose tags say where nearly all of the page's text stands in reading order: */
    bool tagged;
    ocrvl_own_text *split;   /* text whose lines are each of one tag, in the tags' order; NULL: there is none */
    uint32_t *tag_of;        /* [text->line_count] each line's tag, as those of words; NULL: there are none */
    bool *loose;             /* [text->tag_count] a tag says where its text stands, but not what it is */
    const char *tag_warning; /* why tags that there are aren't followed, a sentence; or NULL */
} ocrvl_own_page;

#endif
