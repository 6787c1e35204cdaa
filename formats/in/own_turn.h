/* How lines of a document's own text are turned. */
#ifndef OCRVL_IN_OWN_TURN_H
#define OCRVL_IN_OWN_TURN_H

#include "ocrvl.h"

/* The x-height of common faces, of their size. */
#define OCRVL_X_OF_SIZE 0.48

/* Whether characters, of which the last stands so far right of and below the first, run up or down the page. side: the
 * longer side of the first one's box */
bool ocrvl_runs_upright(double dx, double dy, double side);
/* Sets the baseline and x-height of a line whose box and turn are known. size: of its type in pixels; 0: not known */
void ocrvl_own_line_place(ocrvl_own_line *line, double size);
/* Turns lines of one character, which don't tell it themselves, as most of the page's are. */
void ocrvl_own_lines_turn_singles(ocrvl_own_line *lines, size_t count, const ocrvl_own_word *words);

#endif
