/* Letters of 5 x 7 dots for the names of roles and warnings, and numbers. */
#ifndef OCRVL_OUT_TINYFONT_H
#define OCRVL_OUT_TINYFONT_H

#include <stdbool.h>
#include <stdint.h>

enum { OCRVL_TINY_WIDE = 5, OCRVL_TINY_HIGH = 7 };

/* Whether the letter has a dot in that row, from the top, and column. Letters that aren't there are blank. */
bool ocrvl_tiny_dot(char letter, int32_t row, int32_t col);

#endif
