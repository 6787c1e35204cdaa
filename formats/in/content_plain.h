/* Whether a PDF's content shows nothing but dark text, all of which can be seen, and rules and light areas. */
#ifndef OCRVL_IN_CONTENT_PLAIN_H
#define OCRVL_IN_CONTENT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "in/painted.h"

typedef struct ocrvl_plain_names { /* what the content refers to; names are decoded and have their slash */
    void *user;
    bool (*font)(void *user, const char *name);  /* whether the font's characters are letters and nothing else */
    bool (*state)(void *user, const char *name); /* whether the graphics state leaves what is drawn opaque */
} ocrvl_plain_names;

/* Whether the content has none but operators that set the state, show text that is dark, or paint rules and frames along
 * and across the page, light areas, and lines as short and thin as an underscore, within clips that are rectangles: no
 * rendering mode, other path, picture, form, shading or layer. What it paints is added to *painted, in the content's
 * space; of content that isn't plain, some of it. */
bool ocrvl_content_is_plain(const uint8_t *data, size_t len, const ocrvl_plain_names *names, ocrvl_painted *painted);

#endif
