/* Which lines of a page are no text: by how they look and how they read, judged together. */
#ifndef OCRVL_READ_DOUBT_H
#define OCRVL_READ_DOUBT_H

#include "layout/layout.h"
#include "read/lines.h"

/* *out [l->line_count], freed with ocrvl_free: true for a line whose reading isn't to be believed. A line that gave no
 * text, or was skipped, is not doubted; nor is the only line of an image that holds little else. See MODEL.md for how
 * the limits were chosen. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_doubt_lines(bool **out, const ocrvl_layout *l, const ocrvl_lines *lines,
                                                ocrvl_error *err);

#endif
