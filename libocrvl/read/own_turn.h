/* Text that a document carries on a page that is to be turned before it is level: a table set on its side, a page that
 * was laid down the wrong way round. */
#ifndef OCRVL_READ_OWN_TURN_H
#define OCRVL_READ_OWN_TURN_H

#include "layout/layout.h"

/* How much the page is to be turned clockwise for most of its text to be level: 0, 90, 180 or 270 degrees. */
uint32_t ocrvl_own_rotation(const ocrvl_own_text *text);
/* The text on the page turned so: its size, lines, words and rules in the upright frame; words' texts, styles and all
 * else are the original's, which must outlive it. To be freed with ocrvl_own_turned_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_turned(ocrvl_own_text **out, const ocrvl_own_text *text, uint32_t rotation,
                                               ocrvl_error *err);
void ocrvl_own_turned_free(ocrvl_own_text *t); /* NULL does nothing */

#endif
