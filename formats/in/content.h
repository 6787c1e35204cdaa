/* The operators of a PDF's page, as far as they are needed to find hidden text and what is amiss. */
#ifndef OCRVL_IN_CONTENT_H
#define OCRVL_IN_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_cut { /* bytes [from, to), and their replacement */
    size_t from, to;
    char instead[64];
} ocrvl_cut;

typedef struct ocrvl_cuts { /* in order, without overlaps; must be zero-initialised; `list` is to be freed */
    ocrvl_cut *list;
    size_t count, cap;
    bool failed; /* memory was exhausted */
} ocrvl_cuts;

/* What the content refers to by names of its page's resources. Names are decoded and have their slash. */
typedef struct ocrvl_content_names {
    void *user;
    /* called for Tf; whether it is a Type 3 font, which no rendering mode hides */
    bool (*is_drawn)(void *user, const char *font);
    void (*shows)(void *user, const char *object); /* called for Do */
    /* whether fills are wholly transparent with that graphics state, if they `were` before; or NULL */
    bool (*is_clear)(void *user, const char *state, bool were);
} ocrvl_content_names;

/* Finds text shown in rendering mode 3, neither filled nor stroked (ISO 32000-1, 9.3.6). Its effect on later text is
 * retained, so that everything else stays in place; text where that is impossible isn't found. Blocks from q to Q that
 * do nothing else are found as a whole. Returns false if nothing is certain (memory is exhausted, the content has an
 * image whose end can't be found, or nesting is too deep). */
bool ocrvl_content_hidden(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);

/* The same of all text, or of text that may well be hidden otherwise: that is white, or wholly transparent, only clips,
 * or is shown before the last picture. Whether it can be seen is for a drawing to tell, so text of layers, which may be
 * hidden for the moment, isn't found. */
bool ocrvl_content_text(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);
bool ocrvl_content_suspects(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);

/* Finds the Q operators that have no q, at which poppler would stop. Returns false if nothing is certain (memory is
 * exhausted, or the content has an image whose end can't be found). */
bool ocrvl_content_unbalanced(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);

#endif
