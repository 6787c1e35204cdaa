/* The text that a page model wrote, put on the measured lines by what a line reader sees there: which line each word
 * stands on, which words have no ink under them, which lines have no text.
 *
 * Texts are compared by code points after a small folding (align_fold.c): spaces don't count, nor do case, the accents
 * of Latin letters, and look-alikes. Beyond that the caller normalises: NFC on both sides. */
#ifndef OCRVL_ALIGN_ALIGN_H
#define OCRVL_ALIGN_ALIGN_H

#include "align/alignment.h"

/* Lines in the layout's reading order, words in the model's order; the two orders may differ by whole lines, columns,
 * blocks and pieces of lines. Each piece of ink supports one word: of a passage that the model wrote twice, the second
 * is unsupported. The result depends on nothing but the arguments; freed with ocrvl_alignment_free.
 * Time grows about linearly with the text: grams that are common are not looked up, and a stretch without landmarks is
 * aligned within a band, or, if that were too narrow to mean anything, left out (`cut`).
 * OCRVL_E_ARG: a NULL text with a length; OCRVL_E_LIMIT: over 2^31 - 1 lines or words; OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align(const ocrvl_align_line *lines, size_t n, const ocrvl_align_word *words,
                                          size_t m, ocrvl_alignment **out, ocrvl_error *err);
void ocrvl_alignment_free(ocrvl_alignment *a);

#endif
