/* Boxes to check, which a line reader takes for letters. */
#ifndef OCRVL_READ_CHECK_BOXES_H
#define OCRVL_READ_CHECK_BOXES_H

#include "read/result.h"

/* Of the result's last words, from `first` on, which stand on a line of the layout: those of a character or two whose
 * ink is a square become U+2610, or U+2611 if there is a mark in it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_put_check_boxes(ocrvl_result *r, size_t line, size_t first, ocrvl_error *err);
/* Whether the result's last words, from `first` on, are such and nothing else. */
bool ocrvl_are_check_boxes(const ocrvl_result *r, size_t first);
const char *ocrvl_check_box_text(bool checked);
bool ocrvl_is_check_box_text(const char *s);
/* Whether a text begins with a box to tick, empty, ticked or crossed, as page models write it. */
bool ocrvl_begins_with_check_box(const char *s);

#endif
