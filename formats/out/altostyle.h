/* How a block of text is set, for ALTO's ParagraphStyle; measured from its lines. */
#ifndef OCRVL_OUT_ALTOSTYLE_H
#define OCRVL_OUT_ALTOSTYLE_H

#include "ocrvl.h"

typedef struct ocrvl_alto_style {
    const char *align; /* "Left", "Right", "Center", "Block"; NULL if it isn't clear */
    long line_space;   /* from baseline to baseline in pixels; 0 if it isn't clear */
} ocrvl_alto_style;

/* Measures a block's own lines; returns false if nothing is clear. */
bool ocrvl_alto_style_of(const ocrvl_node *block, ocrvl_alto_style *out);

#endif
