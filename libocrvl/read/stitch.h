/* What several tiles of a page say, as one text. */
#ifndef OCRVL_READ_STITCH_H
#define OCRVL_READ_STITCH_H

#include "generate/transcript.h"

/* Appends b to a (which takes its memory over in part; b is left to the caller). Bands overlap by a line: lines at the
 * head of b that stand at the end of a already, as like as two readings of a line are, are left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join(ocrvl_transcript *a, const ocrvl_transcript *b, bool overlap,
                                         ocrvl_error *err);

#endif
