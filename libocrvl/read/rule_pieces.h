/* Pieces of rules that were read as characters: a cell's side before or after its text. */
#ifndef OCRVL_READ_RULE_PIECES_H
#define OCRVL_READ_RULE_PIECES_H

#include "read/result.h"

/* Takes bars and brackets away at the ends of the result's last words, from `first` on, which stand on a line of the
 * layout, where an upright rule stands in their place. */
void ocrvl_drop_rule_pieces(ocrvl_result *r, size_t line, size_t first);

#endif
