/* The order of characters in lines that have letters that run from right to left. */
#ifndef OCRVL_IN_GLYPHS_ORDER_H
#define OCRVL_IN_GLYPHS_ORDER_H

#include "in/glyphs.h"

/* Puts the characters of such lines into the order in which they are read, as they stand on the page: the Unicode
 * Bidirectional Algorithm (UAX #9) turned round, with a line's direction told by its marks and letters. Words are parted
 * where there is a gap. Other lines stay. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_glyphs_order(ocrvl_glyphs *g, ocrvl_error *err);

#endif
