/* The rules of a drawn page: lines of tables, frames, underlines, the borders of shaded areas. */
#ifndef OCRVL_IN_OWN_RULES_H
#define OCRVL_IN_OWN_RULES_H

#include "in/own_ink.h"

typedef struct ocrvl_own_rules { /* zero-initialise */
    ocrvl_own_rule *at;
    size_t count, cap;
} ocrvl_own_rules;

void ocrvl_own_rules_free(ocrvl_own_rules *r); /* leaves it empty */

/* Finds straight level and upright borders between lighter and darker that no glyph makes. The two borders of a thin
 * line are one rule. Boxes are in pixels of a page of page_width x page_height; of more than some thousands each way
 * the rest is left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_rules_find(ocrvl_own_rules *out, uint32_t page_width, uint32_t page_height,
                                                   const ocrvl_own_ink *ink, ocrvl_error *err);

#endif
