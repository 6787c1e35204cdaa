/* Squares to be checked. */
#ifndef OCRVL_LAYOUT_CHECK_BOX_H
#define OCRVL_LAYOUT_CHECK_BOX_H

#include "layout/layout_result.h"

/* Whether the ink of a word, in its box on a line, is the outline of a square; *checked: there is more ink in it. */
bool ocrvl_is_check_box(const ocrvl_layout *l, size_t line, ocrvl_box word, bool *checked);

#endif
