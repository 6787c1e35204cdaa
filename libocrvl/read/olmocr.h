/* olmOCR-7B-0225 answers in JSON, with the page's text as natural_text. */
#ifndef OCRVL_READ_OLMOCR_H
#define OCRVL_READ_OLMOCR_H

#include "generate/transcript.h"

/* Leaves of the answer only the text, its escapes undone, each character with the probability of the tokens that wrote
 * it. An answer that was cut short gives what there is; a null natural_text gives an empty text; an answer without one
 * stays. *turn: by how many degrees it wants the page turned clockwise, 90, 180 or 270, as its pipeline at v0.1.60 does
 * before it asks again; 0: not at all. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_olmocr_text(ocrvl_transcript *s, uint32_t *turn, ocrvl_error *err);

#endif
