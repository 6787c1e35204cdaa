/* The point or comma within a number, which a reader may miss where a number stands alone. */
#ifndef OCRVL_LAYOUT_NUMBER_MARKS_H
#define OCRVL_LAYOUT_NUMBER_MARKS_H

#include "layout/layout_result.h"

/* Where the ink of a word of so many figures and nothing else, in its box on a line, has a mark at the foot between two
 * of them: returns how many figures stand before it, and *comma: it reaches below them. 0: the ink shows no such mark,
 * or more than one, or not so many figures; or memory failed. */
size_t ocrvl_find_number_mark(const ocrvl_layout *l, size_t line, ocrvl_box word, size_t figures, bool *comma);

#endif
