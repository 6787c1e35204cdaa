/* Where the words of a line stand. */
#ifndef OCRVL_LAYOUT_WORD_BOXES_H
#define OCRVL_LAYOUT_WORD_BOXES_H

#include "layout/layout_result.h"

/* Puts words on the ink of [x0, x1) of a line: words[i] is UTF-8, in the visual order left to right; boxes[i] (upright
 * frame) receives its measured box. The gaps between words are chosen among the ink's own gaps by what the words'
 * widths and the gaps' sizes make likeliest; a word that has no ink of its own gets an all-zero box. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_place_words(const ocrvl_layout *l, size_t line, int32_t x0, int32_t x1,
                                                       const char *const *words, size_t count, ocrvl_box *boxes,
                                                       ocrvl_error *err);

#endif
