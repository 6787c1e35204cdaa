/* Readings of a long line's pieces, which overlap, made one reading of the line. */
#ifndef OCRVL_READ_PIECES_H
#define OCRVL_READ_PIECES_H

#include "read/lines.h"

/* Joins the strips of one line that follow each other, and their readings, in place: of each line one strip is left,
 * without an image if it was joined, from the first piece's x0 to the last one's x1. Two readings pass into each other
 * where they agree longest within what both show, or in the middle of that if they agree nowhere. A piece that was
 * skipped adds nothing. l->count becomes the number of strips that are left. On failure (OCRVL_E_NOMEM) all readings
 * and strips are whole, joined or not. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_pieces(ocrvl_lines *l, ocrvl_error *err);

#endif
