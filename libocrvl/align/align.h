/* Aligns the text that a page model wrote with the measured lines, by what a line reader read there: which line each
 * word is on, which words have no ink under them, and which lines have no text.
 *
 * Texts are compared by code points after a small folding (align_fold.c): spaces, case, the accents of Latin letters,
 * and the differences of look-alikes don't count. All other normalisation is up to the caller: NFC on both sides. */
#ifndef OCRVL_ALIGN_ALIGN_H
#define OCRVL_ALIGN_ALIGN_H

#include "align/alignment.h"

/* Lines are in the layout's reading order, words in the model's order; the two orders may differ by whole lines,
 * columns, blocks and pieces of lines. Each piece of ink supports one word: if the model wrote a passage twice, the
 * second copy is unsupported. The result depends on nothing but the arguments and is freed with ocrvl_alignment_free.
 * Time grows about linearly with the text: common grams are not looked up, and a stretch without landmarks is aligned
 * within a band or, if that would be too narrow to be meaningful, left out (`cut`). Fails with OCRVL_E_ARG for a NULL
 * text with a length, OCRVL_E_LIMIT for over 2^31 - 1 lines or words, and OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align(const ocrvl_align_line *lines, size_t n, const ocrvl_align_word *words,
                                          size_t m, ocrvl_alignment **out, ocrvl_error *err);
void ocrvl_alignment_free(ocrvl_alignment *a);

#endif
