/* Lines and words that poppler takes for several, as their words and letters stand far apart. */
#ifndef OCRVL_IN_OWN_JOIN_H
#define OCRVL_IN_OWN_JOIN_H

#include "in/glyphs.h"

/* Joins pieces of a line that stand on one baseline: a mark or number and what follows it, words of a justified line,
 * which are as far apart as one another, and words in type of one width. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_lines_join(ocrvl_own_lines *o, const ocrvl_glyphs *g, ocrvl_error *err);
/* Makes words of letters that are spaced out. */
void ocrvl_own_lines_close_up(ocrvl_own_lines *o);

#endif
