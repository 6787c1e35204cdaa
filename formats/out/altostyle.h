/* How a block of text is set, as ALTO's ParagraphStyle tells it: measured from its lines. */
#ifndef OCRVL_OUT_ALTOSTYLE_H
#define OCRVL_OUT_ALTOSTYLE_H

#include "ocrvl.h"

typedef struct ocrvl_alto_style {
    const char *align; /* "Left", "Right", "Center", "Block"; NULL: not clear */
    long line_space;   /* from baseline to baseline, pixels; 0: not clear */
} ocrvl_alto_style;

/* Of a block's own lines; false: nothing is clear. */
bool ocrvl_alto_style_of(const ocrvl_node *block, ocrvl_alto_style *out);

#endif
