/* Shaded areas of a scan. */
#ifndef OCRVL_LAYOUT_SHADES_H
#define OCRVL_LAYOUT_SHADES_H

#include "base/borders.h"
#include "layout/layout_result.h"

/* Adds the borders of shaded areas that may be rows of a table, much wider than high, to *out, in the layout's pixels:
 * they are no ink. None where the layout has no image. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_shades(ocrvl_borders *out, const ocrvl_layout *l, ocrvl_error *err);

#endif
