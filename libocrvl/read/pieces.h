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
/* Joins the readings of a strip's n pieces (ocrvl_strip_pieces), from the left, as above. A piece that is lost is left out
 * where those beside it show nearly all that it shows. *joined: r[0] is the strip's reading; false where the pieces don't
 * all overlap. Strips and readings stay n in number, some of them empty. Fails like ocrvl_join_pieces. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_strip(ocrvl_strip *s, ocrvl_reading *r, size_t n, bool *joined,
                                               ocrvl_error *err);

#endif
