/* What several tiles of a page say, as one text. */
#ifndef OCRVL_READ_STITCH_H
#define OCRVL_READ_STITCH_H

#include "generate/transcript.h"

/* Appends b to a (which takes its memory over in part; b is left to the caller). Bands overlap by a line: lines at the
 * head of b that stand at the end of a already, as like as two readings of a line are, are left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join(ocrvl_transcript *a, const ocrvl_transcript *b, bool overlap,
                                         ocrvl_error *err);

/* Appends b, which stands to the right of what a says from byte `from` on: where both have as many lines, they are
 * the same lines, and go on after a space; else b's lines follow. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_beside(ocrvl_transcript *a, size_t from, const ocrvl_transcript *b,
                                                ocrvl_error *err);

#endif
