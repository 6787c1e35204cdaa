/* The order in which words of a line stand on the page (ICU). */
#ifndef OCRVL_UNICODE_VISUAL_H
#define OCRVL_UNICODE_VISUAL_H

#include "ocrvl.h"

/* Words [n] of a line, none of which holds a space, in the order of the text: order[i] is the word that stands i-th
 * from the left (UAX #9; the line's direction is that of its first letter). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_text_visual_order(const char *const *words, size_t n, size_t *order,
                                                      ocrvl_error *err);

#endif
