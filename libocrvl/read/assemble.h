/* What was read, put on the page: layout and readings to a result tree. */
#ifndef OCRVL_READ_ASSEMBLE_H
#define OCRVL_READ_ASSEMBLE_H

#include "read/lines.h"
#include "read/own_text.h"

/* What a row of dots that leads from a title to its page number, or along a blank of a form, is told as, however many
 * dots it has: a word of its own, whose box is the dots'. */
#define OCRVL_LEADER_TEXT "....."

/* Adds the layout's blocks to the builder; `lines` holds the strips of its lines, in their order, and what they say.
 * Words stand on measured ink; the probability of a word is the product of its tokens'. Lines without text, and lines
 * that are doubted (read/doubt.h), are left out and counted in warnings; so are lines that were cut at a limit or not
 * read for want of time, which make the page partial. Known lines of the layout are
 * taken from own, whose turned lines come last. diplomatic: as in ocrvl_read_options. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_assemble(ocrvl_builder *b, const ocrvl_layout *l, const ocrvl_lines *lines,
                                             const ocrvl_own_page *own, bool diplomatic, ocrvl_error *err);

#endif
