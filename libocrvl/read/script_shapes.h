/* Which scripts the shapes of a line look like: a cheap look at its ink, before anything is read. */
#ifndef OCRVL_READ_SCRIPT_SHAPES_H
#define OCRVL_READ_SCRIPT_SHAPES_H

#include <stdbool.h>

#include "layout/layout_result.h"

/* Scripts whose lines look alike. */
typedef enum ocrvl_shape {
    OCRVL_SHAPE_EUROPEAN = 0, /* Latin, Greek, Cyrillic */
    OCRVL_SHAPE_ARABIC,
    OCRVL_SHAPE_HEBREW,
    OCRVL_SHAPE_EASTERN, /* Chinese, Japanese, Korean */
    OCRVL_SHAPES
} ocrvl_shape;

/* What the script whose ISO 15924 code a text begins with looks like; OCRVL_SHAPES: none of these. */
ocrvl_shape ocrvl_shape_of_script(const char *code);

/* Measures of a strip's ink (script_shapes.c says which). */
enum { OCRVL_SHAPE_MEASURES = 21 };

/* false: there is no ink to be measured, and the measures are all 0. */
bool ocrvl_shape_measure(const ocrvl_strip *s, double measures[OCRVL_SHAPE_MEASURES]);
/* How likely the strip is of each shape; the sum is 1. Without ink all are alike. */
void ocrvl_shapes_of_strip(const ocrvl_strip *s, double likely[OCRVL_SHAPES]);

#endif
