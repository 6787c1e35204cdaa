/* Lines and words that poppler takes for several, as their words and letters stand far apart. */
#ifndef OCRVL_IN_OWN_JOIN_H
#define OCRVL_IN_OWN_JOIN_H

#include "in/glyphs.h"

/* Joins pieces of a line that stand on one baseline: a mark or number and what follows it, words of a justified line,
 * which are as far apart as one another, words in type of one width, and words whose letters are spaced out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_lines_join(ocrvl_own_lines *o, const ocrvl_glyphs *g, ocrvl_error *err);
/* Makes lines of the characters of vertical writing that came as words of their own: their text is turned by 90
 * degrees, as that of a line is which runs down the page, since the page turned back has level lines in their order.
 * Nothing changes where most words aren't such characters. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_lines_stack(ocrvl_own_lines *o, ocrvl_error *err);
bool ocrvl_own_is_letter(const ocrvl_own_word *w); /* one letter of an alphabet */
/* How far apart the letters of words that are single letters [count] all stand; 0 if they are others, or aren't equally
 * far apart. size: of their type, pixels */
double ocrvl_own_letter_gap(const ocrvl_own_word *w, size_t count, double size);
/* Makes words of letters that are spaced out. */
void ocrvl_own_lines_close_up(ocrvl_own_lines *o);

#endif
