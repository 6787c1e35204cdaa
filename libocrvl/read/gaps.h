/* Whether a strip's reading has as many words as its image: the line reader passes over a word now and then, or says
 * one twice, and is sure of it. */
#ifndef OCRVL_READ_GAPS_H
#define OCRVL_READ_GAPS_H

#include <stdbool.h>

#include "base/error.h"
#include "layout/layout.h"

/* Sets *fit to false if the gaps in the image are clearly of two kinds, between words and within them, and there are
 * more of the wide ones than the text, [len] UTF-8, has spaces, or fewer and it says a word's beginning twice; to true
 * where they fit, or can't tell. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_words_fit_gaps(bool *fit, const ocrvl_strip *strip, const char *text, size_t len,
                                                   ocrvl_error *err);

#endif
