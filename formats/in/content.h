/* The operators of a PDF's page, as far as they matter to find text that can't be seen. */
#ifndef OCRVL_IN_CONTENT_H
#define OCRVL_IN_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_cut { /* bytes [from, to), and what is to stand there */
    size_t from, to;
    char instead[64];
} ocrvl_cut;

typedef struct ocrvl_cuts { /* in order, none in another; zero-initialise, and free `list` */
    ocrvl_cut *list;
    size_t count, cap;
    bool failed; /* no memory */
} ocrvl_cuts;

/* What content says by names that are its page's. Names are decoded, with their slash. */
typedef struct ocrvl_content_names {
    void *user;
    bool (*is_drawn)(void *user, const char *font); /* a Type 3 font, which no rendering mode hides */
    void (*shows)(void *user, const char *object);  /* Do */
} ocrvl_content_names;

/* Finds what shows text in rendering mode 3, neither filled nor stroked (ISO 32000-1, 9.3.6). What it would do to text
 * after it is kept, so that all else stays where it is; where that can't be, it isn't found. Blocks from q to Q that do
 * nothing else are found whole. False: nothing is certain (no memory, an image in the content whose end can't be told,
 * nested too deeply). */
bool ocrvl_content_hidden(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);

#endif
